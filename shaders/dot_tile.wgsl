
// Register-tiled product: a workgroup makes BM x BN outputs, a thread TM x TN of them, over steps of BK
// (kernel 5 of github.com/siboehm/SGEMM_CUDA; A is held transposed, as in its kernel 6).
//
// A `Quad` holds WIDTH lines (rows of A or columns of B). They lie BM / WIDTH or BN / WIDTH apart, quad q is lines
// q, q + B/4, q + B/2, q + 3B/4: thus one thread moves whole quads between workgroup memory
// and registers while neighbouring threads touch neighbouring elements of the chunks. Of an operand that is loaded by four lines
// (dot_loads.rs) quad q is lines 4q to 4q + 3.

const QUADS_A = BM / WIDTH;
const QUADS_B = BN / WIDTH;
const THREADS_X = BN / TN;
const THREADS_Y = BM / TM;

// tile[step * STRIDE + quad]; a stride of one quad more than needed spreads a column over the banks.
var<workgroup> tile_a: array<Quad, BK * STRIDE_A>;
var<workgroup> tile_b: array<Quad, BK * STRIDE_B>;

// The quads of `a` that start at row `row`, of `b` at column `col`; one function a chunk, where they are loaded element by element.
{{load_quads}}

fn store_quad(piece: Piece, row: u32, col: u32, products: Quad) {
{{store_quad}}
}

@compute @workgroup_size(THREADS_X * THREADS_Y)
fn main(@builtin(workgroup_id) tile: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
{{whole}}
    let row0 = tile_row(tile) * BM;
    let col0 = tile.x * BN;
    let x = thread % THREADS_X;
    let y = thread / THREADS_X;

{{sums}}

{{segments}}
    // Which quads this thread brings, or which four steps of a line.
{{places}}

    // The next step's quads travel in registers while this step's are multiplied.
{{load_first}}
    for (var step = 0u; step < piece.k; step += BK) {
{{put}}
        workgroupBarrier();
{{load_next}}
{{multiply}}
        workgroupBarrier();
    }
{{segments}}

{{store}}
}

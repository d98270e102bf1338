
// Register-tiled product: a workgroup makes BM x BN outputs, a thread TM x TN of them, over steps of BK
// (kernel 5 of github.com/siboehm/SGEMM_CUDA; A is held transposed, as in its kernel 6).
//
// A `Quad` holds WIDTH lines (rows of A or columns of B) that lie BM / WIDTH or BN / WIDTH apart: quad q is lines
// q, q + B/4, q + B/2, q + 3B/4. Thus one thread moves whole quads between workgroup memory
// and registers while neighbouring threads touch neighbouring elements of the chunks.

const QUADS_A = BM / WIDTH;
const QUADS_B = BN / WIDTH;
const THREADS_X = BN / TN;
const THREADS_Y = BM / TM;

// tile[step * STRIDE + quad]; a stride of one quad more than needed spreads a column over the banks.
var<workgroup> tile_a: array<Quad, BK * STRIDE_A>;
var<workgroup> tile_b: array<Quad, BK * STRIDE_B>;

// The quad of `a` that starts at row `row`.
fn load_quad_a(piece: Piece, row: u32, step: u32) -> Quad {
    return {{load_quad_a}};
}

fn load_quad_b(piece: Piece, step: u32, col: u32) -> Quad {
    return {{load_quad_b}};
}

fn store_quad(piece: Piece, row: u32, col: u32, products: Quad) {
{{store_quad}}
}

@compute @workgroup_size(THREADS_X * THREADS_Y)
fn main(@builtin(workgroup_id) tile: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let piece = read_piece(tile);
    let row0 = tile_row(tile) * BM;
    let col0 = tile.x * BN;
    let x = thread % THREADS_X;
    let y = thread / THREADS_X;

    // Which quads this thread brings. Neighbouring threads follow the shorter stride.
    let a_by_row = abs(piece.a_rs) < abs(piece.a_cs);
    let b_by_step = abs(piece.b_rs) < abs(piece.b_cs);
{{places}}

{{sums}}
    // The next step's quads travel in registers while this step's are multiplied.
{{load_first}}
    for (var step = 0u; step < piece.k; step += BK) {
{{put}}
        workgroupBarrier();
{{load_next}}
{{multiply}}
        workgroupBarrier();
    }

{{store}}
}

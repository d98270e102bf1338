"""Writes tests/data/result_types.tsv: NumPy's result_type of two and three dtypes, and of a dtype and a Python number.

`python3 tools/result_types.py > tests/data/result_types.tsv`
"""

import itertools

import numpy as np

NAMES = {
    "bool": np.bool_, "u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "u64": np.uint64,
    "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64, "f32": np.float32, "f64": np.float64,
}
WEAK = {"True": True, "1": 1, "1.0": 1.0}
OURS = {np.dtype(dtype): name for name, dtype in NAMES.items()}


def value(word):
    # An array, for a NumPy scalar is one of a dtype, too.
    return WEAK[word] if word in WEAK else np.zeros(1, NAMES[word])


def main():
    print(f"# NumPy {np.__version__}: operands, and their result_type. Numbers have no dtype.")
    words = [*NAMES, *WEAK]
    for count in (1, 2, 3):
        for operands in itertools.combinations_with_replacement(words, count):
            print(" ".join(operands), OURS[np.result_type(*map(value, operands))], sep="\t")


main()

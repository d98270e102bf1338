#!/bin/sh
# A RUSTC_WORKSPACE_WRAPPER: compiles as cargo asks, and writes the library's LLVM as it is before LLVM works on it, in one piece.
rustc=$1
shift
case " $* " in
    *" --crate-name gridloom "*" --crate-type lib "*) exec "$rustc" "$@" --emit=llvm-ir -Ccodegen-units=1 -Cno-prepopulate-passes ;;
    *) exec "$rustc" "$@" ;;
esac

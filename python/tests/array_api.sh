#!/usr/bin/env bash
# Runs the Array API's own tests: bash python/tests/array_api.sh FOLDER [PYTEST'S ARGUMENTS]
#
# FOLDER is a copy of https://github.com/data-apis/array-api-tests at the tag 2026.02.26, with its submodule, outside this tree. What is
# known to fail is in array_api_xfails.txt, under its reason; counts are in array_api.md. PYTHON is the interpreter that has gridloom,
# pytest, hypothesis, pytest-json-report and ndindex (python by default); GRIDLOOM_BACKEND and GRIDLOOM_ADAPTER choose the device.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:?the folder of array-api-tests}
shift
cd "$folder"
# There are no complex numbers yet.
export ARRAY_API_TESTS_MODULE=gridloom ARRAY_API_TESTS_VERSION=2025.12 ARRAY_API_TESTS_SKIP_DTYPES=complex64,complex128
exec "${PYTHON:-python}" -m pytest array_api_tests --max-examples 10 --disable-deadline -q -p no:cacheprovider \
    --xfails-file "$here/array_api_xfails.txt" "$@"

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# For the scripts beside it: the meter on two minutes of data, state in a folder of its own.
. tests/deploy/tap.sh
mkdir -p "$work/state"
state="$work/state"
key="$work/operator.key"
app=meter/descriptor.json
$semo init --operator-key "$key" >/dev/null
rows() { # rows FIRST COUNT: a data file of that many minutes
    { head -1 meter/data/household-1min.csv && tail -n +"$(($1 + 1))" meter/data/household-1min.csv |
        head -"$2"; } >"$work/data.csv"
}
up() { # up ARGUMENTS: output in $work/out and $work/err, exit code in $code
    $semo up "$app" --state "$state" --operator-key "$key" --speed max "$@" >"$work/out" 2>"$work/err"
    code=$?
}
has() { # has NAME FILE TEXT: a line of the file has it
    ok "$1" grep -qF -- "$3" "$work/$2"
}
lacks() {
    ok "$1" sh -c '! grep -qF -- "$2" "$1"' - "$work/$2" "$3"
}
field() { # field NAME: of the JSON document
    sed -n 's/.*"'"$1"'": \([^,}]*\).*/\1/p' "$work/out"
}
# What the data file says was drawn while the contact was closed, by the cycles of the trace: the data
# begins 10 s after power-on, a change reaches the front end one byte time later.
expected() {
    awk -F, -v trace="$work/trace" 'BEGIN {
            n = 0
            while ((getline line <trace) > 0)
                if (split(line, w, " ") == 5 && w[2] == "pin") { at[n] = w[1] + 1736; to[n++] = w[5] }
        }
        NR > 1 { power[NR - 2] = $2 * 1000; rows = NR - 1 }
        END {
            hz = 20000000; start = 10 * hz; closed = 1; k = 0; sum = 0
            for (r = 0; r < rows; r++) {
                now = start + r * 60 * hz; end = now + 60 * hz
                for (; k < n && at[k] < end; k++) {
                    if (closed) sum += int(power[r] + 0.5) * (at[k] - now)
                    now = at[k]; closed = to[k]
                }
                if (closed) sum += int(power[r] + 0.5) * (end - now)
            }
            ws = int(sum / hz); printf "%d Wh + %d Ws\n", int(ws / 3600), ws % 3600
        }' "$work/data.csv"
}

/* SPDX-License-Identifier: Apache-2.0 */
/* json_check [PATH]: standard input is one JSON document and nothing else; prints the value at PATH
 * ("modules.0.name"), texts without quotes. Exit code 1: it is not, or nothing is there. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *at(const json_t *j, char *path)
{
    for (char *word = strtok(path, "."); word && j; word = strtok(NULL, "."))
        j = json_is_array(j) ? json_array_get(j, strtoul(word, NULL, 10))
                             : json_object_get(j, word);
    return j;
}

int main(int argc, char **argv)
{
    json_error_t why;
    json_t *root = json_loadf(stdin, 0, &why);
    if (!root) {
        fprintf(stderr, "%d:%d: %s\n", why.line, why.column, why.text);
        return 1;
    }
    const json_t *found = argc > 1 ? at(root, argv[1]) : NULL;
    if (json_is_string(found))
        puts(json_string_value(found));
    else if (found)
        printf("%s\n", json_dumps(found, JSON_COMPACT | JSON_ENCODE_ANY));
    return argc > 1 && !found;
}

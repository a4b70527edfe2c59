package workspace

import _ "embed"

//go:embed workspace.schema.json
var schema []byte

// Schema is the JSON Schema (2020-12) of a workspace file, for editors. What it refuses,
// Read refuses too; Read also knows what a schema cannot say: that an owner exists, that
// a template is valid.
func Schema() []byte { return append([]byte(nil), schema...) }

package workspace_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"relance/internal/workspace"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(workspace.Schema()))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	require.NoError(t, compiler.AddResource("urn:relance:workspace", document))
	schema, err := compiler.Compile("urn:relance:workspace")
	require.NoError(t, err)
	return schema
}

// validate holds a YAML file to the schema, as an editor does.
func validate(t *testing.T, schema *jsonschema.Schema, source []byte) error {
	t.Helper()
	document, err := yaml.YAMLToJSON(source)
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	require.NoError(t, err)
	return schema.Validate(value)
}

const directive = "# yaml-language-server: $schema="

// Every workspace of the repository is valid, and names the schema in its first line.
func TestEveryWorkspaceOfTheRepositoryIsValid(t *testing.T) {
	t.Parallel()
	schema, found := compiled(t), 0
	require.NoError(t, validate(t, schema, []byte(example)))
	root := filepath.Join("..", "..")
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && path != root || entry.Name() == "testdata") {
			return fs.SkipDir
		}
		if ext := filepath.Ext(path); entry.IsDir() || ext != ".yaml" && ext != ".yml" {
			return nil
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		if !regexp.MustCompile(`(?m)^campaigns:`).Match(content) {
			return nil
		}
		found++
		require.NoError(t, validate(t, schema, content), path)
		first, _, _ := strings.Cut(string(content), "\n")
		at, ok := strings.CutPrefix(first, directive)
		require.True(t, ok, "%s does not begin with %s", path, directive)
		named, err := os.ReadFile(filepath.Join(filepath.Dir(path), at))
		require.NoError(t, err, "the schema that %s names", path)
		require.Equal(t, string(workspace.Schema()), string(named), path)
		return nil
	}))
	require.NotZero(t, found)
}

// What the schema refuses, the reader refuses too.
func TestWhatTheSchemaRefuses(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	for _, test := range []struct{ old, new string }{
		{"wait: 3d", "wait: 3 days"}, {"wait: 3d", "wait: 3"}, {"wait: 3d", "pause: 3d"}, {"wait: 3d", "wait: 3d\n        sms: {text: x}"},
		{"plan: unlimited", "plan: {credits: -1}"}, {"plan: unlimited", "plan: free"}, {"plan: unlimited", "plans: unlimited"}, {"plan: unlimited", "plan: {}"},
		{`"+32475000001"`, "+32475000001"}, {"port: 1025", "port: 70000"}, {"port: 1025", `port: some`}, {"tls: none, ", "tls: startls, "},
		{"{env: MAYA_SMTP_PASSWORD}", "12345"}, {"{env: MAYA_SMTP_PASSWORD}", "{env: A, file: B}"}, {"{env: MAYA_SMTP_PASSWORD}", "{}"}, {"{env: MAYA_SMTP_PASSWORD}", "{vault: A}"},
		{", password: {env: MAYA_SMTP_PASSWORD}", ""}, {"host: 127.0.0.1", "host: a b"}, {"key: q4-outreach", "key: Q4"}, {"key: q4-outreach", "key: 123"},
		{"    name: Q4 outreach\n", ""}, {"    owner: maya\n", ""}, {"reply_to: intro, ", ""}, {"reply_to: intro, ", "reply_to: intro, subject: S, "},
		{"campaigns:\n", "campaigns:\n  - {key: a, name: A, owner: maya, steps: []}\n"}, {"campaigns:\n", "campaigns:\n  - {key: a, name: A, owner: maya, steps: [wait: 3d]}\n"},
		{"users:\n  - ", "users: "}, {example, "- plan"},
		{"sender: maya@northwind.example", "senders: []"}, {"sender: maya@northwind.example", "senders: maya@northwind.example"},
		{"sender: maya@northwind.example", "senders: [maya@northwind.example]\n    sender: maya@northwind.example"},
	} {
		require.Contains(t, example, test.old)
		broken := strings.Replace(example, test.old, test.new, 1)
		require.Error(t, validate(t, schema, []byte(broken)), "the schema takes %s", test.new)
		_, err := read(broken)
		require.Error(t, err, "the reader takes %s", test.new)
	}
}

// node is a part of the schema.
type node struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Properties           map[string]node
	AdditionalProperties any
	Items                *node
	OneOf                []node
}

// Every key that the reader takes is in the schema, and the reader takes every key of the
// schema: at each place where there is a mapping, it says itself which keys it knows.
func TestTheSchemaHasWhatTheReaderReads(t *testing.T) {
	t.Parallel()
	var root struct {
		node
		Defs map[string]node `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(workspace.Schema(), &root))
	mappings, used := 0, map[string]bool{}
	var look func(at node, path string, within func(any) any)
	look = func(at node, path string, within func(any) any) {
		if name, ok := strings.CutPrefix(at.Ref, "#/$defs/"); ok {
			used[name] = true
			at, ok = root.Defs[name]
			require.True(t, ok, name)
		}
		for _, one := range at.OneOf {
			if one.Ref != "" || one.Properties != nil {
				look(one, path, within)
			}
		}
		if at.Items != nil {
			look(*at.Items, path+"[0]", func(item any) any { return within([]any{item}) })
		}
		if at.Properties == nil {
			require.NotEqual(t, "object", at.Type, "%s: the keys of a mapping are named", path)
			return
		}
		mappings++
		require.Equal(t, false, at.AdditionalProperties, path)
		var keys []string
		for key, of := range at.Properties {
			keys = append(keys, key)
			look(of, path+"."+key, func(value any) any { return within(map[string]any{key: value}) })
		}
		slices.Sort(keys)
		document, err := json.Marshal(within(map[string]any{"zzzzzz": nil}))
		require.NoError(t, err)
		_, err = read(string(document))
		require.Equal(t, keys, keysIn(t, err, document), "the keys of %s", path)
	}
	look(root.node, "", func(value any) any { return value })
	require.Equal(t, 18, mappings)
	for name := range root.Defs {
		require.True(t, used[name], "$defs/%s is not used", name)
	}
}

// keysIn are the keys that the reader expects where it has found another.
func keysIn(t *testing.T, err error, document []byte) []string {
	t.Helper()
	for _, problem := range workspace.Problems(err) {
		if _, expected, found := strings.Cut(problem.Text, `unknown key "zzzzzz"; expected `); found {
			keys := regexp.MustCompile(`, | or `).Split(expected, -1)
			slices.Sort(keys)
			return keys
		}
	}
	require.Fail(t, "the reader does not refuse an unknown key", fmt.Sprintf("%s: %v", document, err))
	return nil
}

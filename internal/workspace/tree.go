package workspace

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// kind is what a YAML value is, in the words of the errors.
type kind string

const (
	aNull   kind = "empty"
	aText   kind = "text"
	aNumber kind = "a number"
	aBool   kind = "a boolean"
	aList   kind = "a list"
	aMap    kind = "a mapping"
)

// node is a YAML value with aliases and merge keys resolved. An alias shares
// the node of its anchor, so that a bomb of aliases takes no memory.
type node struct {
	kind    kind
	line    int
	text    string // of a scalar, as it stands in the file
	first   int    // the line of a text that is written below its key line by line (|), else 0
	items   []*node
	entries []entry
	size    int // nodes below and with this one, every alias counted again
}

type entry struct {
	key   string
	line  int
	value *node
}

// A workspace of maxNodes values or maxDepth levels is a mistake or an attack.
const (
	maxNodes = 200_000
	maxDepth = 40
)

// parse returns the one document of the source, nil when it is empty.
func parse(source []byte, name string) (root *node, err error) {
	fail := func(line int, format string, args ...any) error {
		return &Problem{File: name, Line: max(line, 1), Text: fmt.Sprintf(format, args...)}
	}
	defer func() {
		// The parser has panicked on broken input before; an operator's file
		// must never bring the program down.
		if recover() != nil {
			root, err = nil, fail(1, "not valid YAML")
		}
	}()
	source, line, why := decoded(source)
	if why != "" {
		return nil, fail(line, "%s", why)
	}
	if line, deep := tooDeep(source); deep {
		return nil, fail(line, "more than %d brackets within each other; expected a workspace", maxDepth)
	}
	file, err := parser.ParseBytes(source, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var syntax yaml.Error
		if errors.As(err, &syntax) && syntax.GetToken() != nil {
			return nil, fail(syntax.GetToken().Position.Line, "not valid YAML: %s", syntax.GetMessage())
		}
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fail(1, "not valid YAML: %s", first)
	}
	b := builder{anchors: map[string]*node{}}
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType || doc.Body.Type() == ast.NullType {
			continue
		}
		if root != nil {
			return nil, fail(lineOf(doc.Body), "a second document begins here; expected one: put everything under one set of keys and delete the line ---")
		}
		root = b.build(doc.Body, 0)
	}
	if b.problem != "" {
		return nil, fail(b.line, "%s", b.problem)
	}
	if root != nil && root.size > maxNodes {
		return nil, fail(root.line, "the aliases unfold to more than %d values; expected a workspace", maxNodes)
	}
	return root, nil
}

// tooDeep finds brackets nested so deep that a recursive parser might not
// return. Brackets in texts count too: maxDepth open ones are no text either.
func tooDeep(source []byte) (line int, deep bool) {
	line, depth := 1, 0
	for _, c := range source {
		switch c {
		case '\n':
			line++
			depth = 0
		case '[', '{':
			if depth++; depth > maxDepth {
				return line, true
			}
		case ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return 0, false
}

type builder struct {
	anchors map[string]*node
	problem string
	line    int
}

func (b *builder) fail(n ast.Node, format string, args ...any) *node {
	if b.problem == "" {
		b.problem, b.line = fmt.Sprintf(format, args...), lineOf(n)
	}
	return &node{kind: aNull, line: lineOf(n), size: 1}
}

func (b *builder) build(n ast.Node, depth int) *node {
	if depth > maxDepth {
		return b.fail(n, "more than %d levels; expected a workspace", maxDepth)
	}
	switch n := n.(type) {
	case *ast.AnchorNode:
		built := b.build(n.Value, depth+1)
		b.anchors[n.Name.GetToken().Value] = built
		return built
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		if target, ok := b.anchors[name]; ok {
			return target
		}
		return b.fail(n, "the alias *%s has no anchor &%s before it", name, name)
	case *ast.TagNode:
		built := b.build(n.Value, depth+1)
		if n.Start.Value == "!!str" && built.kind != aMap && built.kind != aList {
			clone := *built
			clone.kind = aText
			return &clone
		}
		return built
	case *ast.MappingNode:
		return b.mapping(n, n.Values, depth)
	case *ast.MappingValueNode:
		return b.mapping(n, []*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		out := &node{kind: aList, line: lineOf(n), size: 1}
		for _, item := range n.Values {
			built := b.build(item, depth+1)
			out.items = append(out.items, built)
			out.size = min(out.size+built.size, 2*maxNodes)
		}
		return out
	case *ast.LiteralNode:
		built := &node{kind: aText, line: lineOf(n), text: n.Value.Value, size: 1}
		if strings.HasPrefix(n.Start.Value, "|") {
			built.first = n.Start.Position.Line + 1
		}
		return built
	case *ast.StringNode:
		return &node{kind: aText, line: lineOf(n), text: n.Value, size: 1}
	case *ast.BoolNode:
		return scalar(n, aBool)
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return scalar(n, aNumber)
	case nil, *ast.NullNode:
		return &node{kind: aNull, line: lineOf(n), size: 1}
	}
	return b.fail(n, "this kind of YAML value is not understood")
}

func (b *builder) mapping(n ast.Node, values []*ast.MappingValueNode, depth int) *node {
	out := &node{kind: aMap, line: lineOf(n), size: 1}
	if len(values) > 0 {
		out.line = lineOf(values[0].Key)
	}
	var merged []entry
	for _, v := range values {
		value := b.build(v.Value, depth+1)
		out.size = min(out.size+value.size, 2*maxNodes)
		if v.Key.IsMergeKey() {
			for _, from := range append([]*node{value}, value.items...) {
				merged = append(merged, from.entries...)
			}
			continue
		}
		out.entries = append(out.entries, entry{v.Key.GetToken().Value, lineOf(v.Key), value})
	}
	have := map[string]bool{}
	for _, e := range out.entries {
		have[e.key] = true
	}
	for _, e := range merged { // what the mapping says itself wins over what it merges
		if !have[e.key] {
			have[e.key] = true
			out.entries = append(out.entries, e)
		}
	}
	return out
}

func scalar(n ast.Node, k kind) *node {
	return &node{kind: k, line: lineOf(n), text: strings.TrimSpace(n.GetToken().Value), size: 1}
}

func lineOf(n ast.Node) int {
	if n == nil {
		return 1
	}
	var t *token.Token
	if t = n.GetToken(); t == nil || t.Position == nil {
		return 1
	}
	return t.Position.Line
}

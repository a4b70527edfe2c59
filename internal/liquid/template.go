package liquid

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// node is a part of a template that has been read.
type node interface {
	render(r *run) error
	check(s *scope)
}

type (
	textNode   struct{ text string }
	outputNode struct {
		of   expr
		line int
	}
	// ifNode is the first branch that holds; one without a condition is {% else %}.
	ifNode struct{ branches []branch }
	branch struct {
		when   expr
		unless bool
		body   []node
	}
	caseNode struct {
		of    expr
		line  int
		whens []when
	}
	when struct {
		is   []expr // none is {% else %}
		body []node
	}
	forNode struct {
		name          string
		of            expr
		limit, offset expr
		reversed      bool
		body, none    []node
		line          int
	}
	assignNode struct {
		name string
		of   expr
	}
	captureNode struct {
		name string
		body []node
	}
	cycleNode struct {
		group string
		of    []expr
		line  int
	}
	jumpNode struct{ leave bool } // {% break %}, else {% continue %}
)

// Problem is something that is wrong with a template. Line counts from 1; Text is a
// clause that says what, and what to write instead.
type Problem struct {
	Line int
	Text string
}

func (p Problem) Error() string { return fmt.Sprintf("line %d %s", p.Line, p.Text) }

// reading is a template being read.
type reading struct {
	pieces   []piece
	problems []Problem
	// doubts are what Validate refuses although it can be worked out.
	doubts []Problem
	texts  []piece // those that stand between the expressions
	depth  int
	loops  int
}

func (t *reading) report(line int, format string, args ...any) {
	t.problems = append(t.problems, Problem{line, fmt.Sprintf(format, args...)})
}

// read parses a template. What cannot be understood is reported, and left out.
func read(template string) ([]node, *reading) {
	t := &reading{}
	if len(template) > maxTemplate {
		t.report(1, "begins a text that is longer than %d characters", maxTemplate)
		return nil, t
	}
	t.pieces = scan(norm.NFC.String(template), t.report)
	nodes, _ := t.block("")
	return nodes, t
}

// block reads up to one of the tags that may end or divide the block that is open, and
// returns that tag; at the end of the template it returns a tag without a name.
func (t *reading) block(open string, ends ...string) ([]node, piece) {
	var nodes []node
	for len(t.pieces) > 0 {
		p := t.pieces[0]
		t.pieces = t.pieces[1:]
		switch {
		case p.kind == textPiece:
			nodes = append(nodes, textNode{p.text})
			if !p.raw {
				t.texts = append(t.texts, p)
			}
		case p.kind == outputPiece:
			if n, ok := t.output(p); ok {
				nodes = append(nodes, n)
			}
		case slices.Contains(ends, p.name):
			return nodes, p
		default:
			if n := t.tag(p, open); n != nil {
				nodes = append(nodes, n)
			}
		}
	}
	return nodes, piece{}
}

// output is {{ expression }}.
func (t *reading) output(p piece) (node, bool) {
	if p.text == "" {
		t.report(p.line, "has a {{ }} with nothing in it: write {{ first_name }}")
		return nil, false
	}
	of := t.expr(p.text, p.line, func(parser *parser) (expr, error) {
		of, err := parser.condition()
		switch of.(type) {
		case comparison, logic:
			return nil, fmt.Errorf("prints whether a condition holds: for a text that stands in, write {{ %s | default: 'text' }}, and {%% if … %%} for a condition", firstName(of))
		}
		return of, err
	})
	if last := len(t.problems) - 1; of == nil || p.text == "else" {
		if why := otherOutput(p.text); why != "" && of == nil {
			t.problems[last].Text = why
		} else if why != "" {
			t.report(p.line, "%s", why)
		}
	}
	return outputNode{of, p.line}, of != nil
}

// firstName is the first variable of a condition.
func firstName(of expr) string {
	switch of := of.(type) {
	case logic:
		return firstName(of.left)
	case comparison:
		return firstName(of.left)
	}
	return written(of)
}

// expr reads an expression to its end; nil when it has been reported.
func (t *reading) expr(text string, line int, parse func(*parser) (expr, error)) expr {
	p, err := newParser(text, line)
	var of expr
	if err == nil {
		of, err = parse(p)
	}
	if err == nil {
		err = p.end()
	}
	if err != nil {
		t.report(line, "%v", err)
		return nil
	}
	if p.mixed {
		t.doubts = append(t.doubts, Problem{line, "joins conditions by and as well as by or, which Liquid does not read as people do: put the ones that belong together in brackets"})
	}
	return of
}

func condition(p *parser) (expr, error) { return p.condition() }

const maxBlocks = 100 // blocks within each other

// tag reads a tag, with its block.
func (t *reading) tag(p piece, open string) node {
	if t.depth++; t.depth > maxBlocks {
		t.report(p.line, "has more than %d blocks within each other", maxBlocks)
		t.pieces = nil
		return nil
	}
	defer func() { t.depth-- }()
	switch p.name {
	case "if", "unless":
		return t.ifTag(p)
	case "case":
		return t.caseTag(p)
	case "for":
		return t.forTag(p)
	case "assign":
		return t.assignTag(p)
	case "capture":
		return t.captureTag(p)
	case "cycle":
		return t.cycleTag(p)
	case "break", "continue":
		if t.loops == 0 {
			t.report(p.line, "has {%% %s %%} outside of a {%% for %%}", p.name)
		}
		return jumpNode{p.name == "break"}
	}
	t.report(p.line, "%s", noTag(p, open))
	return nil
}

// noTag says what is wrong with a tag that cannot stand here.
func noTag(p piece, open string) string {
	name := shorten(p.name, 40)
	say := ""
	switch {
	case p.name == "" && p.text == "":
		return "has a {% %} with nothing in it"
	case p.name == "":
		return "has a {% without the name of a tag: write {% if x %} or {% assign x = y %}"
	case p.name == "else" || p.name == "elsif" || p.name == "when" || strings.HasPrefix(p.name, "end"):
		if open != "" {
			return fmt.Sprintf("has {%% %s %%} within {%% %s %%}, where it does not belong: write {%% end%s %%} first", name, open, open)
		}
		return fmt.Sprintf("has {%% %s %%}, but nothing is open there that it belongs to", name)
	case p.name == "elif" || p.name == "elseif":
		say = ": write {% elsif x %}"
	case p.name == "set":
		say = ": write {% assign x = y %}"
	case p.name == "tablerow":
		say = ": it writes HTML, and messages are plain text"
	default:
		if meant := near(p.name, []string{"if", "unless", "case", "for", "assign", "capture", "cycle", "comment", "raw", "endif", "endfor", "endunless", "endcase", "else", "elsif"}); meant != "" {
			say = ": did you mean {% " + meant + " %}?"
		}
	}
	return fmt.Sprintf("uses the tag %q, which does not exist here%s", name, say)
}

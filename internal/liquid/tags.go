package liquid

import (
	"errors"
	"fmt"
	"strings"
)

// unclosed reports a block that the template ends in.
func (t *reading) unclosed(p, end piece) {
	if end.name == "" {
		t.report(p.line, "begins an %s that is never closed: write {%% end%s %%} behind it", p.name, p.name)
	}
}

// bare reports words behind a tag that takes none: {% else if x %} is no condition.
func (t *reading) bare(p piece) {
	if p.name == "else" && strings.HasPrefix(p.text, "if") {
		t.report(p.line, "has {%% else if %%}: write {%% elsif%s %%}", strings.TrimPrefix(p.text, "if"))
	} else if p.text != "" && !strings.HasPrefix(p.name, "end") {
		t.report(p.line, "has words behind {%% %s %%}, which would be ignored", p.name)
	}
}

func (t *reading) ifTag(p piece) node {
	var n ifNode
	end := piece{name: "elsif", text: p.text, line: p.line}
	for end.name == "elsif" || end.name == "else" {
		b := branch{unless: p.name == "unless" && len(n.branches) == 0}
		last := len(n.branches) > 0 && n.branches[len(n.branches)-1].when == nil
		if end.name == "elsif" {
			if b.when = t.expr(end.text, end.line, condition); b.when == nil {
				b.when = literal{} // it has been reported
			}
		} else {
			t.bare(end)
		}
		if last {
			t.report(end.line, "has {%% %s %%} behind the {%% else %%} of the same block", end.name)
		}
		b.body, end = t.block(p.name, "elsif", "else", "end"+p.name)
		n.branches = append(n.branches, b)
	}
	t.unclosed(p, end)
	return n
}

func (t *reading) caseTag(p piece) node {
	n := caseNode{of: t.expr(p.text, p.line, condition), line: p.line}
	before, end := t.block(p.name, "when", "else", "endcase")
	for _, node := range before {
		if text, ok := node.(textNode); !ok || strings.TrimSpace(text.text) != "" {
			t.report(p.line, "has something between {%% case %%} and its first {%% when %%}, which would be lost")
			break
		}
	}
	for end.name == "when" || end.name == "else" {
		var w when
		if end.name == "when" {
			w.is = t.values(end)
		} else {
			t.bare(end)
		}
		w.body, end = t.block(p.name, "when", "else", "endcase")
		n.whens = append(n.whens, w)
	}
	t.unclosed(p, end)
	if n.of == nil {
		return nil
	}
	return n
}

// values are those of {% when 1, 2 or 3 %}.
func (t *reading) values(p piece) []expr {
	var all []expr
	t.expr(p.text, p.line, func(parser *parser) (expr, error) {
		for {
			of, err := parser.value()
			if err != nil {
				return nil, err
			}
			all = append(all, of)
			if !parser.accept(",") && !parser.accept("or") {
				return of, nil
			}
		}
	})
	if len(all) == 0 {
		all = []expr{literal{}} // it has been reported
	}
	return all
}

func (t *reading) forTag(p piece) node {
	n := forNode{line: p.line}
	n.of = t.expr(p.text, p.line, func(parser *parser) (expr, error) {
		name := parser.take()
		if n.name = name.text; name.kind != nameToken || !parser.accept("in") {
			return nil, errors.New("has a loop that is not {% for item in list %}")
		}
		of, err := parser.filtered()
		for err == nil && parser.peek().kind == nameToken {
			switch word := parser.take(); {
			case word.text == "reversed":
				n.reversed = true
			case word.text == "limit" && parser.accept(":"):
				n.limit, err = parser.value()
			case word.text == "offset" && parser.accept(":"):
				n.offset, err = parser.value()
			default:
				return nil, fmt.Errorf("has %q in a loop: write reversed, limit: 3 or offset: 3", shorten(word.text, 40))
			}
		}
		return of, err
	})
	t.loops++
	var end piece
	n.body, end = t.block(p.name, "else", "endfor")
	t.loops--
	if end.name == "else" {
		t.bare(end)
		n.none, end = t.block(p.name, "endfor")
	}
	t.unclosed(p, end)
	if n.of == nil {
		return nil
	}
	return n
}

func (t *reading) assignTag(p piece) node {
	n := assignNode{}
	n.of = t.expr(p.text, p.line, func(parser *parser) (expr, error) {
		name := parser.take()
		if n.name = name.text; name.kind != nameToken || !parser.accept("=") {
			return nil, errors.New("assigns nothing: write {% assign name = value %}")
		}
		if _, taken := literals[n.name]; taken {
			return nil, fmt.Errorf("assigns to %s, which is a value", n.name)
		}
		return parser.condition()
	})
	if n.of == nil {
		return nil
	}
	return n
}

func (t *reading) captureTag(p piece) node {
	name := strings.Trim(p.text, `"'`)
	if tokens, err := lex(name, templateHabits); err != nil || len(tokens) != 1 || tokens[0].kind != nameToken {
		t.report(p.line, "captures nothing: write {%% capture name %%}")
	}
	body, end := t.block(p.name, "endcapture")
	t.unclosed(p, end)
	return captureNode{name, body}
}

// cycleTag is {% cycle 'a', 'b' %} or {% cycle 'group': 'a', 'b' %}.
func (t *reading) cycleTag(p piece) node {
	n := cycleNode{group: p.text, line: p.line}
	if t.loops == 0 {
		t.report(p.line, "has {%% cycle %%} outside of a {%% for %%}")
	}
	last := t.expr(p.text, p.line, func(parser *parser) (expr, error) {
		for {
			of, err := parser.value()
			if err != nil {
				return nil, err
			}
			if len(n.of) == 0 && parser.accept(":") {
				n.group = written(of)
				continue
			}
			n.of = append(n.of, of)
			if !parser.accept(",") {
				return of, nil
			}
		}
	})
	if last == nil {
		return nil
	}
	return n
}

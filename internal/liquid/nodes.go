package liquid

import (
	"errors"
	"fmt"
	"strings"
)

var (
	errBreak    = errors.New("break")
	errContinue = errors.New("continue")
)

func renderAll(r *run, nodes []node) error {
	for _, n := range nodes {
		if err := n.render(r); err != nil {
			return err
		}
	}
	return nil
}

func (n textNode) render(r *run) error { return r.write(n.text) }

func (n outputNode) render(r *run) error {
	v, err := n.of.eval(r)
	if err != nil {
		return err
	}
	text, err := r.printed(n.of, v, n.line)
	if err != nil {
		return err
	}
	return r.write(text)
}

// printed is the text of a value, which has to be one.
func (r *run) printed(of expr, v value, line int) (string, error) {
	if v.missing != "" {
		return "", &fault{line: line, variable: v.missing, missing: true}
	}
	if k := kindOf(v.v); k != scalarKind {
		return "", &fault{line: line, reason: noText(of, k)}
	}
	return display(v.v), nil
}

// noText says why {{ x }} cannot be printed.
func noText(of expr, k kind) string {
	say := map[kind]string{
		contactKind: "name one of its variables, as {{ first_name }}", listKind: "write | join: ', '",
		loopKind: "write {{ forloop.index }}", nothingKind: "give it a value, or delete it",
	}[k]
	return fmt.Sprintf("prints {{ %s }}, which is %s and not a text: %s", written(of), k, say)
}

func (n ifNode) render(r *run) error {
	for _, b := range n.branches {
		if b.when != nil {
			v, err := b.when.eval(r)
			if err != nil {
				return err
			}
			if r.truth(v) == b.unless {
				continue
			}
		}
		return renderAll(r, b.body)
	}
	return nil
}

func (n caseNode) render(r *run) error {
	v, err := n.of.eval(r)
	if err != nil {
		return err
	}
	for _, w := range n.whens {
		if len(w.is) == 0 {
			return renderAll(r, w.body)
		}
		for _, is := range w.is {
			other, err := is.eval(r)
			if err != nil {
				return err
			}
			same, err := comparison{"==", n.of, is, n.line}.equal(v, other)
			if err != nil {
				return err
			}
			if same {
				return renderAll(r, w.body)
			}
		}
	}
	return nil
}

func (n forNode) render(r *run) error {
	v, err := n.of.eval(r)
	if err != nil {
		return err
	}
	items, ok := v.v.([]any)
	if !ok && v.v != nil {
		return &fault{line: n.line, reason: noList(n.of, kindOf(v.v))}
	}
	skip, most := 0, len(items)
	for to, from := range map[*int]expr{&skip: n.offset, &most: n.limit} {
		if from == nil {
			continue
		}
		if v, err = from.eval(r); err != nil {
			return err
		}
		if *to, err = (call{args: []value{v}, line: n.line}).whole(0, 0); err != nil {
			return err
		}
	}
	items = items[min(max(skip, 0), len(items)):]
	items = items[:min(max(most, 0), len(items))]
	if len(items) == 0 {
		return renderAll(r, n.none)
	}
	defer r.shadow(n.name, "forloop")()
	for i := range items {
		if err := r.turn(); err != nil {
			return err
		}
		item := items[i]
		if n.reversed {
			item = items[len(items)-1-i]
		}
		r.locals[n.name] = value{v: item}
		r.locals["forloop"] = value{v: loopFields{
			"first": i == 0, "last": i == len(items)-1, "index": i + 1, "index0": i,
			"rindex": len(items) - i, "rindex0": len(items) - i - 1, "length": len(items),
		}}
		switch err := renderAll(r, n.body); {
		case errors.Is(err, errBreak):
			return nil
		case err != nil && !errors.Is(err, errContinue):
			return err
		}
	}
	return nil
}

// noList says why a loop cannot run over a value.
func noList(of expr, k kind) string {
	if k == scalarKind {
		return fmt.Sprintf("loops over %s, which is a text and not a list: write {%% assign list = %s | split: ',' %%} before it, and loop over list", written(of), written(of))
	}
	return fmt.Sprintf("loops over %s, which is %s and not a list", written(of), k)
}

// shadow keeps the values of names, and returns what puts them back.
func (r *run) shadow(names ...string) func() {
	kept := map[string]value{}
	for _, name := range names {
		if v, ok := r.locals[name]; ok {
			kept[name] = v
		}
	}
	return func() {
		for _, name := range names {
			if v, ok := kept[name]; ok {
				r.locals[name] = v
			} else {
				delete(r.locals, name)
			}
		}
	}
}

func (n assignNode) render(r *run) error {
	v, err := n.of.eval(r)
	if err != nil {
		return err
	}
	if v.missing != "" {
		v.v = nil // as missing as what it was made from
	}
	r.locals[n.name] = v
	return r.fits(v.v)
}

func (n captureNode) render(r *run) error {
	outer := r.out
	r.out = &strings.Builder{}
	err := renderAll(r, n.body)
	text := r.out.String()
	r.out = outer
	r.locals[n.name] = value{v: text}
	return err
}

func (n cycleNode) render(r *run) error {
	of := n.of[r.cycles[n.group]%len(n.of)]
	r.cycles[n.group]++
	return outputNode{of, n.line}.render(r)
}

func (n jumpNode) render(*run) error {
	if n.leave {
		return errBreak
	}
	return errContinue
}

package liquid

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// What one rendering may take. A message is a page of text; whatever is larger is a
// mistake or an attack (a value that doubles itself forty times).
const (
	maxTemplate = 64 << 10        // bytes of a template
	maxText     = 256 << 10       // bytes of the result and of every value on the way
	maxItems    = 1000            // elements of a list
	maxTurns    = 10_000          // turns of all loops
	maxWork     = 4 << 20         // bytes written by all turns and outputs
	maxTime     = 2 * time.Second // the clock is looked at by every filter and every turn
)

var errTooMuch = errors.New("takes too much to fill: it loops too often or grows too large")

// fault is why an expression cannot be worked out for a contact.
type fault struct {
	line   int
	reason string // one clause, without the line
	// variable and value are set when the contact's value is to blame; missing when it
	// has none.
	variable, value string
	missing         bool
}

func (f *fault) Error() string { return fmt.Sprintf("line %d %s", f.line, f.reason) }

// valueFault blames the contact's value that x comes from, or the template when x does
// not come from the contact.
func valueFault(line int, x value, reason string) error {
	return &fault{line: line, reason: reason, variable: x.from, value: shorten(display(x.v), 60)}
}

// named shows a value in an error: lead_score, which is "n/a",.
func named(x value, text string) string {
	if x.from == "" {
		return quote(text)
	}
	return x.from + ", which is " + quote(text) + ","
}

// run is one rendering: the contact, the names that the template has assigned, and what
// has been used up.
type run struct {
	contact fields
	prints  map[string]bool // the variables that the template prints, squeezed
	locals  map[string]value
	cycles  map[string]int
	out     *strings.Builder
	size    int
	began   time.Time
	turns   int
	work    int
}

func newRun(template string, contact fields) *run {
	return &run{out: &strings.Builder{}, contact: contact, locals: map[string]value{}, cycles: map[string]int{}, size: len(template), began: time.Now()}
}

// spend counts bytes of work and looks at the clock.
func (r *run) spend(bytes int) error {
	if r.work += bytes; r.work > maxWork || time.Since(r.began) > maxTime {
		return errTooMuch
	}
	return nil
}

// turn counts one turn of a loop, which may write as much as the template is long.
func (r *run) turn() error {
	if r.turns++; r.turns > maxTurns {
		return errTooMuch
	}
	return r.spend(r.size)
}

// fits keeps a value small enough.
func (r *run) fits(v any) error {
	switch v := v.(type) {
	case string:
		if len(v) > maxText {
			return errTooMuch
		}
	case []any:
		if len(v) > maxItems {
			return errTooMuch
		}
	}
	return r.spend(0)
}

// write adds to the result.
func (r *run) write(text string) error {
	if r.out.Len()+len(text) > maxText {
		return errTooMuch
	}
	if err := r.spend(len(text)); err != nil {
		return err
	}
	r.out.WriteString(text)
	return nil
}

func (l literal) eval(*run) (value, error) { return value{v: l.v}, nil }

func (v variable) eval(r *run) (value, error) {
	if local, ok := r.locals[v.name]; ok {
		return local, nil
	}
	if v.name == "contact" {
		return value{v: wholeOne{}}, nil
	}
	return r.contact.value(v.name), nil
}

func (p property) eval(r *run) (value, error) {
	of, err := p.of.eval(r)
	if err != nil {
		return of, err
	}
	switch v := of.v.(type) {
	case wholeOne:
		return r.contact.value(p.name), nil
	case loopFields:
		if found, ok := v[p.name]; ok {
			return value{v: found}, nil
		}
	case []any:
		switch {
		case p.name == "size":
			return value{v: len(v)}, nil
		case p.name == "first" && len(v) > 0:
			return value{v: v[0]}, nil
		case p.name == "last" && len(v) > 0:
			return value{v: v[len(v)-1]}, nil
		}
		return value{}, nil
	case string:
		if p.name == "size" {
			return value{v: len([]rune(v))}, nil
		}
	case nil:
		return of, nil
	}
	return value{}, &fault{line: p.line, reason: noPart(p)}
}

// noPart says that a text has no parts, and what is meant.
func noPart(p property) string {
	names := fmt.Sprintf("names %s, but %s has no part of that name: ", written(p), written(p.of))
	if own := meantBy(written(p)); slices.Contains(ownNames, own) {
		return names + "write " + own // first.name
	}
	if f, ok := filters[p.name]; ok {
		return names + "write {{ " + written(p.of) + " " + f.usage + " }}"
	}
	if v, ok := p.of.(variable); ok && slices.Contains(notTheContact, squeeze(v.name)) {
		return names + "the contact's variables are all there is, so write the words themselves"
	}
	return names + "write " + meantBy(p.name)
}

// notTheContact is what other products have variables of, and what texts say in brackets,
// that no contact has.
var notTheContact = strings.Fields("sender owner user me my account campaign team agent rep seller signature unsubscribe unsubscribelink unsubscribeurl sendername senderfirstname myname yourname yourcompany yourtitle youremail insertname insertcompany")

func (i index) eval(r *run) (value, error) {
	of, err := i.of.eval(r)
	if err != nil {
		return of, err
	}
	key, err := i.key.eval(r)
	if err != nil {
		return of, err
	}
	switch v := of.v.(type) {
	case []any:
		if n, ok := key.v.(int); ok {
			if n < 0 {
				n += len(v)
			}
			if n >= 0 && n < len(v) {
				return value{v: v[n]}, nil
			}
		}
		return value{}, nil
	case wholeOne:
		if name, ok := key.v.(string); ok {
			return r.contact.value(name), nil
		}
		return value{missing: key.missing}, nil
	case nil:
		return of, nil
	}
	return value{}, &fault{line: i.line, reason: fmt.Sprintf("asks %s for an element, which only a list has: write {%% assign list = %s | split: ',' %%}", written(i.of), written(i.of))}
}

func (f filtered) eval(r *run) (value, error) {
	in, err := f.of.eval(r)
	if err != nil {
		return in, err
	}
	args := make([]value, len(f.args))
	for i, arg := range f.args {
		if args[i], err = arg.eval(r); err != nil {
			return in, err
		}
	}
	if f.name == "default" {
		return defaultFilter(in, args), nil
	}
	if in.v == nil {
		return in, nil // as missing as it was
	}
	def := filters[f.name]
	if k := kindOf(in.v); !def.takes(k) {
		return value{}, &fault{line: f.line, reason: wrongInput(f, k)}
	}
	out := value{missing: in.missing, from: in.from}
	for i, arg := range args {
		if k := kindOf(arg.v); k == contactKind || k == loopKind || k == listKind && f.name != "concat" {
			return value{}, &fault{line: f.line, reason: wrongArg(f, f.args[i], k)}
		}
		if arg.missing != "" && out.missing == "" {
			out.missing = arg.missing
		}
	}
	if out.v, err = def.do(r, call{in: in, args: args, line: f.line}); err != nil {
		return value{}, err
	}
	return out, r.fits(out.v)
}

func wrongInput(f filtered, k kind) string {
	if k == listKind {
		return fmt.Sprintf("passes %s to the filter %s, which takes a text and no list: write | join: ', ' before it", written(f.of), f.name)
	}
	if k == scalarKind {
		return fmt.Sprintf("passes %s to the filter %s, which takes a list: write | split: ',' before it", written(f.of), f.name)
	}
	return fmt.Sprintf("passes %s to the filter %s, which is %s and not a text", written(f.of), f.name, k)
}

func wrongArg(f filtered, arg expr, k kind) string {
	return fmt.Sprintf("passes %s to the filter %s, which is %s and not a text", written(arg), f.name, k)
}

// defaultFilter stands in for what is missing, for false and for what is empty.
func defaultFilter(in value, args []value) value {
	if in.v != false && !isBlank(in.v) {
		return in
	}
	if stand := args[0]; !isBlank(stand.v) || stand.missing == "" {
		return stand
	}
	if in.missing == "" {
		in.missing = args[0].missing
	}
	return in
}

func (c comparison) eval(r *run) (value, error) {
	left, err := c.left.eval(r)
	if err != nil {
		return left, err
	}
	right, err := c.right.eval(r)
	if err != nil {
		return right, err
	}
	holds, err := c.compare(left, right)
	return value{v: holds}, err
}

func (l logic) eval(r *run) (value, error) {
	left, err := l.left.eval(r)
	if err != nil || r.truth(left) == l.or {
		return value{v: l.or}, err
	}
	right, err := l.right.eval(r)
	return value{v: r.truth(right)}, err
}

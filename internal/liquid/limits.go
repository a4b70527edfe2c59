package liquid

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/osteele/liquid/render"
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

var errTooMuch = errors.New("too much")

// budget is one rendering: what it has used up, and which variables it missed.
type budget struct {
	config   *render.Config
	size     int
	began    time.Time
	turns    int
	work     int
	exceeded bool
	// touched are the missing variables that the expression at hand has asked for and
	// that nothing has stood in for yet; absent is the first that was to be printed.
	touched []string
	absent  string
}

func newBudget(template string) *budget {
	run := &budget{size: len(template), began: time.Now()}
	run.config = newConfig(run, template)
	return run
}

// spend counts bytes of work and looks at the clock.
func (b *budget) spend(bytes int) error {
	if b.work += bytes; b.work > maxWork || time.Since(b.began) > maxTime {
		b.exceeded = true
		return errTooMuch
	}
	return nil
}

// turn counts one turn of a loop, which may write as much as the template is long.
func (b *budget) turn() error {
	if b.turns++; b.turns > maxTurns {
		b.exceeded = true
		return errTooMuch
	}
	return b.spend(b.size)
}

// fits keeps a value small enough.
func (b *budget) fits(value any) error {
	most := maxText
	v := reflect.ValueOf(value)
	switch v.Kind() { //nolint:exhaustive // other kinds have no length
	case reflect.String:
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			most = maxItems
		}
	default:
		return b.spend(0)
	}
	if v.Len() > most {
		b.exceeded = true
		return errTooMuch
	}
	return b.spend(0)
}

// failure is the error of a rendering that did not come to its end.
func (b *budget) failure(part, reason string) *RenderError {
	if b.exceeded {
		reason = "takes too much to fill: it loops too often or grows too large"
	} else if b.absent != "" {
		return &RenderError{Part: part, Variable: shorten(b.absent, 60)}
	}
	return &RenderError{Part: part, Reason: reason}
}

// missing stands for a variable that the contact has no value for: nothing to the
// Liquid engine, which asks for it with ToLiquid, and remembered here.
type missing struct {
	name string
	run  *budget
}

// ToLiquid makes missing a drop, in the words of the engine.
func (m missing) ToLiquid() any {
	m.run.touched = append(m.run.touched, m.name)
	return nil
}

// limitedWriter takes the result, up to maxText bytes.
type limitedWriter struct {
	bytes.Buffer
	run *budget
}

func (w *limitedWriter) Write(p []byte) (int, error) {
	if w.Len()+len(p) > maxText {
		w.run.exceeded = true
		return 0, errTooMuch
	}
	return w.Buffer.Write(p)
}

// display writes a value as people read it.
func display(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	case []byte:
		return string(value)
	case time.Time:
		return value.Format("2006-01-02 15:04:05 -0700")
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.Slice {
		var out strings.Builder
		for i := range v.Len() {
			out.WriteString(display(v.Index(i).Interface()))
		}
		return out.String()
	}
	return fmt.Sprint(value)
}

// shorten keeps an error on one line of a screen.
func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

package liquid

import (
	"errors"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/osteele/liquid/expressions"
	liquidfilters "github.com/osteele/liquid/filters"
	"github.com/osteele/liquid/render"
	"github.com/osteele/liquid/tags"
)

// filters are Liquid's own by name, with those that we mend. What is not here does not
// exist: two filters for debugging are left out.
var filters = func() map[string]any {
	all := dictionary{}
	liquidfilters.AddStandardFilters(all)
	delete(all, "inspect")
	delete(all, "type")
	maps.Copy(all, dictionary{
		// The engine's takes the first byte for the first letter: Élodie would be broken.
		"capitalize": func(s string) string {
			first, size := utf8.DecodeRuneInString(s)
			return string(unicode.ToUpper(first)) + s[size:]
		},
		// The engine's counts bytes, and stops at a line end.
		"truncate": func(s string, length func(int) int, ellipsis func(string) string) string {
			most, end := length(50), ellipsis("...")
			if letters := []rune(s); len(letters) > most {
				return string(letters[:max(0, most-utf8.RuneCountInString(end))]) + end
			}
			return s
		},
		// These two can multiply: their result is measured before it is made.
		"replace": func(s, old, by string) (string, error) {
			if len(s)+strings.Count(s, old)*len(by) > maxText {
				return "", errTooMuch
			}
			return strings.ReplaceAll(s, old, by), nil
		},
		"join": func(items []any, sep func(string) string) (string, error) {
			between := sep(" ")
			parts := make([]string, 0, len(items))
			size := 0
			for _, item := range items {
				if item == nil {
					continue
				}
				part := display(item)
				if size += len(part) + len(between); size > maxText {
					return "", errTooMuch
				}
				parts = append(parts, part)
			}
			return strings.Join(parts, between), nil
		},
	})
	return all
}()

type dictionary map[string]any

// AddFilter makes a dictionary what the engine's standard filters are added to.
func (d dictionary) AddFilter(name string, filter any) { d[name] = filter }

// newConfig is a Liquid engine for one rendering. The tag include is not part of it: it
// reads files. Filters that the template does not say are not wrapped for it.
func newConfig(run *budget, template string) *render.Config {
	config := render.NewConfig()
	tags.AddStandardTags(config)
	config.AddTag("include", func(string) (func(io.Writer, render.Context) error, error) {
		return nil, errors.New("not available")
	})
	config.AddTag("output", run.outputTag)
	config.AddTag("assign", run.assignTag)
	config.AddTag("turn", func(string) (func(io.Writer, render.Context) error, error) {
		return func(io.Writer, render.Context) error { return run.turn() }, nil
	})
	for name, filter := range filters {
		if strings.Contains(template, name) {
			config.AddFilter(name, run.bounded(filter))
		}
	}
	config.AddFilter("default", run.defaultFilter)
	return &config
}

// known is true for the tags that templates may use.
func known(tag string, config *render.Config) bool {
	if slices.Contains([]string{"include", "output", "turn"}, tag) {
		return false
	}
	_, simple := config.FindTagDefinition(tag)
	_, block := config.BlockSyntax(tag)
	return simple || block
}

// outputTag is {{ expression }}.
func (b *budget) outputTag(args string) (func(io.Writer, render.Context) error, error) {
	expression, err := expressions.Parse(args)
	if err != nil {
		return nil, err
	}
	return func(w io.Writer, ctx render.Context) error {
		b.touched = b.touched[:0]
		value, err := ctx.Evaluate(expression)
		if err != nil {
			return err
		}
		if len(b.touched) > 0 {
			b.absent = b.touched[0]
			return errors.New("a variable has no value")
		}
		if value == nil {
			return errors.New("an expression has no value")
		}
		text := display(value)
		if err := b.spend(len(text)); err != nil {
			return err
		}
		_, err = io.WriteString(w, text)
		return err
	}, nil
}

// assignTag is {% assign name = expression %}. A name that was made from a missing
// variable is as missing as that variable.
func (b *budget) assignTag(args string) (func(io.Writer, render.Context) error, error) {
	statement, err := expressions.ParseStatement(expressions.AssignStatementSelector, args)
	if err != nil {
		return nil, err
	}
	return func(_ io.Writer, ctx render.Context) error {
		b.touched = b.touched[:0]
		value, err := ctx.Evaluate(statement.Assignment.ValueFn)
		if err != nil {
			return err
		}
		if err := b.fits(value); err != nil {
			return err
		}
		if len(b.touched) > 0 {
			value = missing{name: b.touched[0], run: b}
		}
		ctx.Set(statement.Assignment.Variable, value)
		return nil
	}, nil
}

// defaultFilter stands in for what is missing, for false and for what is empty. The
// engine evaluates the stand-in whether it is needed or not: when it is missing itself
// and not needed, its name is the last that was asked for, and is forgotten.
func (b *budget) defaultFilter(value, standIn any) any {
	needed := value == nil || value == false || blank(value)
	switch {
	case needed && standIn != nil:
		b.touched = b.touched[:0]
	case !needed && standIn == nil && len(b.touched) > 0:
		b.touched = b.touched[:len(b.touched)-1]
	}
	if needed {
		return standIn
	}
	return value
}

var (
	anything = reflect.TypeFor[any]()
	failing  = reflect.TypeFor[error]()
)

// bounded is the filter with the same arguments, whose result is measured.
func (b *budget) bounded(filter any) any {
	f := reflect.ValueOf(filter)
	var in []reflect.Type
	for i := range f.Type().NumIn() {
		in = append(in, f.Type().In(i))
	}
	wrapped := reflect.FuncOf(in, []reflect.Type{anything, failing}, false)
	result := func(value any, err error) []reflect.Value {
		out := []reflect.Value{reflect.New(anything).Elem(), reflect.New(failing).Elem()}
		if value != nil && err == nil {
			out[0].Set(reflect.ValueOf(value))
		}
		if err != nil {
			out[1].Set(reflect.ValueOf(err))
		}
		return out
	}
	return reflect.MakeFunc(wrapped, func(args []reflect.Value) []reflect.Value {
		returned := f.Call(args)
		if len(returned) == 2 && !returned[1].IsNil() {
			err, _ := returned[1].Interface().(error)
			b.exceeded = b.exceeded || errors.Is(err, errTooMuch)
			return result(nil, err)
		}
		value := returned[0].Interface()
		return result(value, b.fits(value))
	}).Interface()
}

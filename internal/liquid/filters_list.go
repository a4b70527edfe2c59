package liquid

import (
	"slices"
	"strings"
)

var listFilters = map[string]filter{
	"compact":      listing("compact", listKind, func(items []any) any { return slices.DeleteFunc(items, func(v any) bool { return v == nil }) }),
	"reverse":      listing("reverse", listKind, func(items []any) any { slices.Reverse(items); return items }),
	"uniq":         listing("uniq", listKind, uniq),
	"sort":         listing("sort", listKind, func(items []any) any { return sorted(items, func(s string) string { return s }) }),
	"sort_natural": listing("sort_natural", listKind, func(items []any) any { return sorted(items, strings.ToLower) }),
	"first": listing("first", scalarKind, func(items []any) any {
		if len(items) == 0 {
			return nil
		}
		return items[0]
	}),
	"last": listing("last", scalarKind, func(items []any) any {
		if len(items) == 0 {
			return nil
		}
		return items[len(items)-1]
	}),
	"join":   {do: join, most: 1, usage: "| join: ', '", list: true},
	"concat": {do: concat, least: 1, most: 1, usage: "| concat: other_list", list: true, makes: listKind},
}

// listing is a filter of a list, which gets a copy.
func listing(name string, makes kind, do func([]any) any) filter {
	return filter{usage: "| " + name, list: true, makes: makes, do: func(_ *run, c call) (any, error) {
		items, _ := c.in.v.([]any)
		return do(slices.Clone(items)), nil
	}}
}

func uniq(items []any) any {
	seen := map[any]bool{}
	return slices.DeleteFunc(items, func(v any) bool {
		before := seen[v]
		seen[v] = true
		return before
	})
}

// sorted orders numbers as numbers when all are, else texts by their letters.
func sorted(items []any, by func(string) string) []any {
	numeric := !slices.ContainsFunc(items, func(v any) bool { return len(readingsOf(v)) != 1 || !isNumeric(v) })
	slices.SortStableFunc(items, func(a, b any) int {
		if numeric {
			switch x, y := float(readingsOf(a)[0]), float(readingsOf(b)[0]); {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		}
		return strings.Compare(by(display(a)), by(display(b)))
	})
	return items
}

func join(_ *run, c call) (any, error) {
	items, _ := c.in.v.([]any)
	between := c.arg(0, " ")
	var parts []string
	size := 0
	for _, item := range items {
		if item == nil {
			continue
		}
		part := display(item)
		if size += len(part) + len(between); size > maxText {
			return nil, errTooMuch
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, between), nil
}

func concat(_ *run, c call) (any, error) {
	items, _ := c.in.v.([]any)
	more, ok := c.args[0].v.([]any)
	if !ok {
		return nil, &fault{line: c.line, reason: "adds to a list what is no list: write | split: ',' to make one"}
	}
	return slices.Concat(items, more), nil
}

package liquid

import (
	"maps"
	"slices"
)

// call is one use of a filter.
type call struct {
	in   value
	args []value
	line int
}

// text is the value that comes in.
func (c call) text() string { return display(c.in.v) }

// arg is an argument as text, or what stands for it when it is not given.
func (c call) arg(i int, otherwise string) string {
	if i < len(c.args) && c.args[i].v != nil {
		return display(c.args[i].v)
	}
	return otherwise
}

// filter is one of Liquid's own. Those that are not here do not exist.
type filter struct {
	do          func(*run, call) (any, error)
	least, most int // arguments
	usage       string
	// list is true when it takes a list, either when it takes texts as well.
	list, either bool
	makes        kind
}

func (f filter) takes(k kind) bool {
	switch k {
	case listKind:
		return f.list || f.either
	case scalarKind, nothingKind:
		return !f.list || f.either
	case contactKind, loopKind: // no filter takes them
	}
	return false
}

var (
	filters     map[string]filter
	filterNames []string
)

func init() {
	filters = map[string]filter{
		"default": {least: 1, most: 1, usage: "| default: 'text'", either: true},
		"date":    {do: dateFilter, most: 1, usage: "| date: '%d %B %Y'"},
		"size":    {do: sizeFilter, either: true, usage: "| size"},
		"json":    {do: jsonFilter, either: true, usage: "| json"},
	}
	for _, more := range []map[string]filter{textFilters, numberFilters, listFilters} {
		maps.Copy(filters, more)
	}
	filterNames = slices.Sorted(maps.Keys(filters))
}

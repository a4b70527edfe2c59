package contactcsv

import (
	"strings"
	"unicode"
)

// addresses is what a cell of an email column says.
type addresses struct {
	// address is the first one that can exist, or empty.
	address string
	// name is what stands before it in Name <a@b>.
	name string
	// others are the parts that were not taken, as they stand in the cell.
	others []string
	// problem is what is wrong with the first part when no part can exist.
	problem string
}

// emailCell reads a cell that is not blank: a@b, Name <a@b>, mailto:a@b, and
// several of these behind ";" "," "|", a line break or Google's " ::: ".
func emailCell(cell string) addresses {
	cell = strings.Map(func(r rune) rune {
		switch {
		case invisible(r) || unicode.IsControl(r) && !unicode.IsSpace(r):
			return -1
		case r == '\n' || r == '\r':
			return '\n'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, cell)
	var out addresses
	for _, part := range emailParts(cell) {
		name, bare := undress(part)
		clean, problem := Address(bare)
		switch {
		case problem == "" && out.address == "":
			out.address, out.name = clean, name
		default:
			out.others = append(out.others, part)
			if out.problem == "" {
				out.problem = problem
			}
		}
	}
	if out.address != "" {
		out.problem = ""
	} else if out.problem == "" {
		out.problem = "there is no @"
	}
	return out
}

// emailParts splits at separators outside quotes and <>. A piece without @
// belongs to the next one: "Lovelace, Ada <ada@b.c>" is one part.
func emailParts(cell string) []string {
	var parts []string
	var quoted, angled bool
	start := 0
	cut := func(end, next int) {
		piece := strings.TrimSpace(cell[start:end])
		if piece == "" {
			start = next
		} else if strings.ContainsRune(piece, '@') {
			parts = append(parts, piece)
			start = next
		}
	}
	for i, r := range cell {
		switch {
		case i < start:
		case r == '"':
			quoted = !quoted && strings.ContainsRune(cell[i+1:], '"')
		case quoted:
		case r == '<':
			angled = strings.ContainsRune(cell[i:], '>')
		case r == '>':
			angled = false
		case angled:
		case r == ';' || r == ',' || r == '|' || r == '\n':
			cut(i, i+1)
		case strings.HasPrefix(cell[i:], ":::"):
			cut(i, i+3)
		}
	}
	if last := strings.TrimSpace(cell[start:]); last != "" {
		parts = append(parts, last)
	}
	if len(parts) == 1 {
		return spaced(parts[0])
	}
	return parts
}

// spaced splits at blanks when every word is an address of its own.
func spaced(part string) []string {
	words := strings.Fields(part)
	for _, word := range words {
		if _, problem := Address(word); problem != "" {
			return []string{part}
		}
	}
	return words
}

// undress takes an address out of what people and programs put around it.
func undress(part string) (name, bare string) {
	bare = part
	if open, shut := strings.LastIndexByte(part, '<'), strings.LastIndexByte(part, '>'); open >= 0 && shut > open {
		name, bare = strings.Trim(strings.TrimSpace(part[:open]), `"'`), part[open+1:shut]
	}
	bare = unprotect(strings.TrimSpace(bare))
	if len(bare) > 7 && strings.EqualFold(bare[:7], "mailto:") {
		bare, _, _ = strings.Cut(bare[7:], "?")
	}
	if !strings.HasPrefix(bare, `"`) || strings.HasSuffix(bare, `"`) {
		bare = strings.Trim(bare, `"`)
	}
	bare = strings.TrimLeft(bare, "<([ ")
	bare = strings.TrimRight(bare, ">) .,;:")
	return name, bare
}

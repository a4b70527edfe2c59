// Package nearest finds the word that was meant by a misspelt one. It imports
// nothing of the project, so that everything may use it.
package nearest

import (
	"math"
	"strings"
	"unicode/utf8"
)

// longest is the longest word that anything is near to, in letters: nobody has
// misspelt a page, and the work grows with the square.
const longest = 64

// Word is the one of the words that fewest edits tell from given, the first of
// several; empty when each takes more than most edits.
func Word(given string, words []string, most int) string {
	best, least := "", most+1
	for _, word := range words {
		if d := Distance(given, word); d < least {
			best, least = word, d
		}
	}
	return best
}

// Distance counts the edits that make one word of another, letter case aside: a
// letter inserted, deleted or replaced, or two neighbours that have changed places
// (the restricted Damerau-Levenshtein distance). Of words of more than 64 letters it
// is math.MaxInt, unless they are the same.
func Distance(one, other string) int {
	if strings.EqualFold(one, other) {
		return 0
	}
	if utf8.RuneCountInString(one) > longest || utf8.RuneCountInString(other) > longest {
		return math.MaxInt
	}
	a, b := []rune(strings.ToLower(one)), []rune(strings.ToLower(other))
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range b {
			replaced := row[j]
			if a[i] != b[j] {
				replaced++
			}
			next[j+1] = min(replaced, next[j]+1, row[j+1]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

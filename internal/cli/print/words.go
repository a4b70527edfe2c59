package print

import "fmt"

// OrDash keeps empty cells of a table visible.
func OrDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// OrNone is for an empty value in a sentence.
func OrNone(text string) string {
	if text == "" {
		return "(none)"
	}
	return text
}

// Plural is "1 contact", "3 contacts".
func Plural(count int, one string) string {
	if count == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", count, one)
}

// Agree is the word that goes with 1, or that with any other number.
func Agree(count int, one, other string) string {
	if count == 1 {
		return one
	}
	return other
}

package charset

import (
	"math"
	"unicode"
)

// What a reading costs, as the logarithm of how unlikely it is among names.
const (
	noCharacter    = -14 // a byte that means nothing in this code page
	strangeSymbol  = -9  // a pound sign inside a word
	usualSymbol    = -4.5
	strangeLetter  = -7.6 // a letter that the language does not have
	rareIdeograph  = -12
	plainIdeograph = -7.5
	kana           = -4.4
	wrongCase      = -5
	smallInitial   = -1.5
	markInWord     = -6 // a brace or a backslash beside a letter
	mixedScript    = -4
)

// word scores one word as the language reads it.
func (m *model) word(word []rune, ideograph func(rune) float64) float64 {
	var sum float64
	for i, r := range word {
		switch {
		case r < 0x80:
			if !unicode.IsLetter(r) && r != '@' && (i > 0 && word[i-1] >= 0x80 || i+1 < len(word) && word[i+1] >= 0x80) {
				sum += markInWord
			}
		case r == unicode.ReplacementChar, r < 0xa0, unicode.Is(unicode.Co, r):
			sum += noCharacter
		case !unicode.IsLetter(r) && !unicode.IsMark(r):
			sum += symbol(word, i)
		default:
			sum += m.letter(word, i, ideograph) + shape(word, i)
		}
	}
	return sum
}

func (m *model) letter(word []rune, i int, ideograph func(rune) float64) float64 {
	r := unicode.ToLower(word[i])
	count := m.letters[r]
	if count == 0 {
		if ideograph != nil {
			return ideograph(r)
		}
		return strangeLetter
	}
	score := math.Log(count / (m.total + 10))
	if ideograph != nil {
		return max(score, ideograph(r))
	}
	before, after := neighbours(word, i)
	return score + m.lift(before, m.before[[2]rune{before, r}], count) + m.lift(after, m.after[[2]rune{r, after}], count)
}

// lift says how much a neighbour speaks for a letter: how much more often it was
// seen beside this letter, which was seen count times, than beside the others.
func (m *model) lift(neighbour rune, pairs, count float64) float64 {
	const prior, most = 2, 2
	usual := (m.around[neighbour] + 0.5) / (m.neighbour + 30)
	return min(most, max(-most, 0.8*math.Log((pairs+prior*usual)/(count+prior)/usual)))
}

// shape is what the case and the script of the letters beside it say.
func shape(word []rune, i int) float64 {
	var score float64
	r := word[i]
	lower := func(at int) bool { return at >= 0 && at < len(word) && unicode.IsLower(word[at]) }
	upper := func(at int) bool { return at >= 0 && at < len(word) && unicode.IsUpper(word[at]) }
	if i == 0 && lower(0) {
		score += smallInitial
	}
	switch {
	case upper(i) && lower(i-1):
		score += wrongCase
	case lower(i) && r != 'ß' && upper(i-1) && upper(i-2), lower(i) && upper(i+1) && word[i+1] < 0x80, lower(i) && upper(i-1) && upper(i+1):
		score += wrongCase
	}
	for _, at := range []int{i - 1, i + 1} {
		if at < 0 || at >= len(word) || !unicode.IsLetter(word[at]) {
			continue
		}
		mine, other := scriptOf(r), scriptOf(word[at])
		switch {
		case mine == other:
		case mine == ideographic || other == ideographic:
			score += mixedScript / 4.
		default:
			score += mixedScript
		}
	}
	return score
}

// symbol scores a character that is no letter, by whether it stands beside one.
func symbol(word []rune, i int) float64 {
	beside := i > 0 && unicode.IsLetter(word[i-1]) || i+1 < len(word) && unicode.IsLetter(word[i+1])
	switch word[i] {
	case '‘', '“', '«':
		if i == 0 {
			return usualSymbol
		}
	case '’', '”', '»', '\u00a0', '–', '·', '・', '　', '々', '、', '。', '（', '）':
		return usualSymbol
	case '—', '…', '€', '°', '´', 'º', 'ª', '™', '®', '©', '§':
		if !beside {
			return usualSymbol
		}
	}
	return strangeSymbol
}

// script tells apart what never mixes within a word.
type script byte

const (
	latin script = iota
	greek
	cyrillicScript
	ideographic
	otherScript
)

func scriptOf(r rune) script {
	switch {
	case unicode.Is(unicode.Latin, r):
		return latin
	case unicode.Is(unicode.Greek, r):
		return greek
	case unicode.Is(unicode.Cyrillic, r):
		return cyrillicScript
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul), r == 'ー':
		return ideographic
	}
	return otherScript
}

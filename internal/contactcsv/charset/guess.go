package charset

import (
	"bytes"
	"math"
	"sort"
	"strings"

	"golang.org/x/text/encoding"
)

// doubtful is the least distance, as a logarithm, between the best reading and
// the next one that reads other letters; below it the guess is doubted.
const doubtful = 4

// mostWords bounds the different words that are looked at.
const mostWords = 2000

// guess is a code page, and the one that was nearly chosen where there is doubt.
type guess struct {
	page   codePage
	second *codePage
	sample [2]string // a word as both read it
}

// guessPage chooses the code page under which the words with bytes above 0x7f
// are likeliest. context is the file, for what its headers and domains say.
func guessPage(words [][]byte, context []byte) guess {
	speaks := hints(context)
	type scored struct {
		page  codePage
		score float64
		words []string
	}
	all := make([]scored, 0, len(codePages))
	for _, page := range codePages {
		read := decodeWords(page.enc, words)
		score := page.score(read, speaks) - page.bias
		if strings.Contains(page.name, "mac") && bytes.IndexByte(context, '\r') >= 0 && bytes.IndexByte(context, '\n') < 0 {
			score += 3 // Excel for the Mac ends lines with CR alone
		}
		all = append(all, scored{page, score, read})
	}
	sort.SliceStable(all, func(a, b int) bool { return all[a].score > all[b].score })
	best := all[0]
	g := guess{page: best.page}
	for _, other := range all[1:] {
		if best.score-other.score >= doubtful {
			break
		}
		for i, word := range best.words {
			if word != other.words[i] {
				g.second, g.sample = &other.page, [2]string{word, other.words[i]}
				return g
			}
		}
	}
	return g
}

// score is the likelihood of the words in the best of the languages; a word of
// another language of the code page costs a little.
func (p codePage) score(words []string, speaks map[string]float64) float64 {
	const foreign = 2
	ideograph := p.ideographs()
	byLanguage := make([][]float64, len(p.languages))
	best := make([]float64, len(words))
	for l, language := range p.languages {
		byLanguage[l] = make([]float64, len(words))
		m := models()[language]
		for i, word := range words {
			s := m.word([]rune(word), ideograph)
			byLanguage[l][i] = s
			if l == 0 || s > best[i] {
				best[i] = s
			}
		}
	}
	top := math.Inf(-1)
	for l, language := range p.languages {
		sum := speaks[language]
		for i, s := range byLanguage[l] {
			sum += max(s, best[i]-foreign)
		}
		top = max(top, sum)
	}
	return top
}

// ideographs says how common a character of the code page is that no lexicon
// lists, by the level of the national standard that its first byte tells; nil
// for code pages of one byte.
func (p codePage) ideographs() func(rune) float64 {
	var first, last byte
	switch p.name {
	case "shift_jis":
		first, last = 0x82, 0x98
	case "euc-jp":
		first, last = 0xa4, 0xcf
	case "gb18030":
		first, last = 0xb0, 0xd7
	case "big5":
		first, last = 0xa4, 0xc6
	case "euc-kr":
		first, last = 0xb0, 0xc8
	default:
		return nil
	}
	encoder := p.enc.NewEncoder()
	return func(r rune) float64 {
		if r > 0x3040 && r < 0x3100 && p.languages[0] == "ja" {
			return kana
		}
		encoder.Reset()
		b, err := encoder.Bytes([]byte(string(r)))
		if err == nil && len(b) == 2 && b[0] >= first && b[0] <= last && (p.name != "gb18030" || b[1] >= 0xa1) {
			return plainIdeograph
		}
		return rareIdeograph
	}
}

// decodeWords reads every word; what cannot be read is U+FFFD.
func decodeWords(enc encoding.Encoding, words [][]byte) []string {
	decoder := enc.NewDecoder()
	read := make([]string, len(words))
	for i, word := range words {
		decoder.Reset()
		text, err := decoder.Bytes(word)
		if err != nil {
			text = []byte("\ufffd")
		}
		read[i] = string(text)
	}
	return read
}

// wordsOf returns the different words that hold a byte above 0x7f. Words end at
// bytes below 0x40, which are no part of a character in any of the code pages.
func wordsOf(content []byte) [][]byte {
	var words [][]byte
	seen := map[string]bool{}
	for i := 0; i < len(content) && len(words) < mostWords; {
		high := bytes.IndexFunc(content[i:], func(r rune) bool { return r >= 0x80 })
		if high < 0 {
			break
		}
		start, end := i+high, i+high
		for start > i && content[start-1] >= 0x40 {
			start--
		}
		for end < len(content) && content[end] >= 0x40 {
			end++
		}
		if word := content[start:end]; !seen[string(word)] {
			seen[string(word)] = true
			words = append(words, word)
		}
		i = end
	}
	return words
}

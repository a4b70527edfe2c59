package liquid

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shape is a way in which another product writes a placeholder, or what a plain text has
// no use for. Anything that matches would be sent as it stands.
type shape struct {
	pattern *regexp.Regexp
	// say is what it looks like and what to write; "" when this one is meant as it is.
	// match has the whole and the groups.
	say func(match []string) string
}

// foreign finds placeholders of other products, spintax and HTML in a text between the
// expressions. What is meant as it stands goes between {% raw %} and {% endraw %}.
func foreign(text string, line int) []Problem {
	var problems []Problem
	taken := make([]bool, len(text))
	links := link.FindAllStringIndex(text, -1)
	for i, shape := range shapes {
		for _, at := range shape.pattern.FindAllStringSubmatchIndex(text, -1) {
			inLink := i >= firstBare && slices.ContainsFunc(links, func(l []int) bool { return at[0] >= l[0] && at[1] <= l[1] })
			if inLink || slices.Contains(taken[at[0]:at[1]], true) {
				continue
			}
			var match []string
			for g := 0; g < len(at); g += 2 {
				group := ""
				if at[g] >= 0 {
					group = text[at[g]:at[g+1]]
				}
				match = append(match, group)
			}
			say := shape.say(match)
			if say == "" || strings.HasPrefix(text[at[1]:], "(") && match[0][0] == '[' {
				continue // [text](link)
			}
			for b := at[0]; b < at[1]; b++ {
				taken[b] = true
			}
			problems = append(problems, Problem{line + strings.Count(text[:at[0]], "\n"),
				fmt.Sprintf("has %s, which would be sent as it stands: %s", shorten(strings.Join(strings.Fields(match[0]), " "), 40), say)})
		}
	}
	return problems
}

var link = regexp.MustCompile(`(?i)(?:https?://|mailto:|www\.)\S+`)

// placeholder says what to write for the name in a placeholder of another product.
func placeholder(product string) func([]string) string {
	return func(match []string) string {
		name := match[len(match)-1]
		for _, part := range []string{":", "|", "="} { // first_name:default, first_name|friend
			name, _, _ = strings.Cut(name, part)
		}
		if at := strings.LastIndexAny(name, ".$"); at >= 0 {
			name = name[at+1:]
		}
		if slices.Contains(notTheContact, squeeze(name)) {
			return "it looks like a placeholder " + product + ": write the words themselves"
		}
		return "it looks like a placeholder " + product + ": write {{ " + shorten(meantBy(name), 40) + " }}"
	}
}

// fieldLike is placeholder for marks that texts use too: only a name that a field has,
// or one that is written as no word is, counts.
func fieldLike(product string) func([]string) string {
	return func(match []string) string {
		name := strings.TrimSpace(match[len(match)-1])
		if !slices.Contains(fieldNames, squeeze(name)) && !snake.MatchString(name) {
			return ""
		}
		return placeholder(product)(match)
	}
}

// inBraces is a word or a name of several in single braces: a placeholder of GMass,
// Reply and others. Several small words are no name: { return 1 }.
func inBraces(match []string) string {
	words := strings.Fields(match[1])
	isSmall := func(word string) bool { first, _ := utf8.DecodeRuneInString(word); return !unicode.IsUpper(first) }
	if len(words) > 1 && slices.ContainsFunc(words, isSmall) && fieldLike("")(match) == "" {
		return ""
	}
	return placeholder("in single braces")(match)
}

func fixed(say string) func([]string) string { return func([]string) string { return say } }

var snake = regexp.MustCompile(`^[\pL][\pL\pN]*(_[\pL\pN]+)+$`)

// fieldNames are the names of fields, squeezed, that a person types between marks.
var fieldNames = strings.Fields(`firstname lastname fullname fname lname surname givenname familyname name yourname contactname prospectname recipientname clientname customername
	leadname company companyname yourcompany organization organisation accountname email emailaddress youremail phone phonenumber mobile jobtitle yourtitle title position role industry
	city country state website domain linkedin linkedinurl firstnamelastname sendername senderfirstname myname signature unsubscribe unsubscribelink unsubscribeurl icebreaker intro
	prenom nom societe entreprise vorname nachname firma voornaam achternaam bedrijf nombre apellido empresa insertname insertcompany firstnamehere namehere companyhere`)

// shapes are looked for in this order: what one has taken is not taken again. From
// firstBare on they are left alone in links.
var shapes = []shape{
	{regexp.MustCompile(`<%[\s\S]*?%>|<\?[\s\S]*?\?>`), fixed("it is code of another language: write {{ first_name }}, or {% if x %}…{% endif %}")},
	{regexp.MustCompile(`%%=[\s\S]*?=%%|%%\[[\s\S]*?\]%%|\{!![\s\S]*?!!\}`), fixed("it is code of another language: write {{ first_name }}, or {% if x %}…{% endif %}")},
	{regexp.MustCompile(`\{\s+%[^{}\n]*%\s*\}|\{%[^{}\n]*%\s+\}`), fixed("it is a tag whose marks stand apart: write {% if x %}…{% endif %}")},
	{regexp.MustCompile(`\{\s*MERGEFIELD\s+"?([\pL_][\pL\pN_]*)[^{}\n]*\}`), placeholder("of a mail merge")},
	{regexp.MustCompile(`\{#[\s\S]*?#\}`), fixed("it is a remark of another language: write {% comment %}…{% endcomment %}")},
	{regexp.MustCompile(`<!--[\s\S]*?-->|<!(?i:doctype)[^>]*>`), fixed("it is HTML, and messages are plain text: delete it")},
	{regexp.MustCompile(`\*\|\s*([A-Za-z][\w:.-]*)[^|\n]*\|\*`), placeholder("of Mailchimp")},
	{regexp.MustCompile(`\|\*\s*([A-Za-z][\w:.-]*)\s*\*\|`), placeholder("of another product")},
	{regexp.MustCompile(`\{!\s*([\w.$]+)[^{}\n]*\}`), placeholder("of Salesforce")},
	{regexp.MustCompile(`\[\[\s*([\pL_][\pL\pN_. -]{0,40})\s*\]\]`), placeholder("of another product")},
	{regexp.MustCompile(`<<\s*([\pL_][\pL\pN_. -]{0,40})\s*>>`), placeholder("of a mail merge")},
	{regexp.MustCompile(`[｛][｛\s]*([\pL_][\pL\pN_. -]{0,40}?)\s*[｝]+`), placeholder("in wide braces")},
	{regexp.MustCompile(`\{\s+\{\s*([\pL_][\pL\pN_.-]{0,40})[^{}\n]*\}?\s*\}?`), placeholder("whose braces stand apart")},
	{regexp.MustCompile(`[$#%]!?\{?\{\s*([\pL_][\pL\pN_. -]{0,60})(?:[!?:|(][^{}\n]*)?\s*\}`), placeholder("of another product")},
	{regexp.MustCompile(`%\(\s*([\pL_]\w{0,40})\s*\)s?`), placeholder("of another language")},
	{regexp.MustCompile(`\{\s*\$([\pL_][\w.]{0,40})\s*\}`), placeholder("of another product")},
	{regexp.MustCompile(`\{\s*[a-z_]+=([\pL_][\pL\pN_ -]{0,40})(?:\|[^{}\n]*)?\}`), placeholder("of another product")},
	{regexp.MustCompile(`\{[^{}\n|]*(?:\|[^{}\n|]*)+\}`), spintax},
	{regexp.MustCompile(`\{\s*([\pL_][\pL\pN_.-]{1,40}(?: [\pL\pN_.-]+){0,2})\s*\}`), inBraces},
	{regexp.MustCompile(`\{\d{1,2}\}`), fixed("it looks like a placeholder of another language: write {{ first_name }}")},
	{regexp.MustCompile(`\[[-*%]\s*([\pL_][\pL\pN_. ]{0,40}?)\s*[-*%]\]`), placeholder("of another product")},
	{regexp.MustCompile(`\[\[?\s*(?:contact )?([\pL_][\pL\pN_-]{0,40})\s*(?:,\s*(?:fallback|default)\s*=|\s(?:default|fallback)\s*=|\||=["'“]|\sOR\s+["'“])[^\[\]\n]*\]\]?`), fieldLike("in brackets")},
	{regexp.MustCompile(`\[\s*([\pL_][\pL\pN_' -]{0,40}?)\s*\]`), fieldLike("in brackets")},
	{regexp.MustCompile(`«\s*([\pL_][\pL\pN_ -]{0,40}?)\s*»`), fieldLike("of a mail merge")},
	{regexp.MustCompile(`‹\s*([\pL_][\pL\pN_ -]{0,40}?)\s*›`), fieldLike("of a mail merge")},
	{regexp.MustCompile(`(?i)</?(?:a|abbr|b|big|blockquote|body|br|button|center|code|div|em|font|footer|form|h[1-6]|head|header|hr|html|i|img|input|li|link|meta|ol|p|pre|s|script|section|small|span|strike|strong|style|sub|sup|table|tbody|td|th|thead|title|tr|u|ul)(?:\s+[\w:-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s<>"']+))?)*\s*/?>`),
		fixed("it is HTML, and messages are plain text: write the text alone, and links as https://…")},
	{regexp.MustCompile(`(?i)<(?:a|img|p|div|span|td|table|font)\s[^<>]*$`), fixed("it is HTML, and messages are plain text: write the text alone, and links as https://…")},
	{regexp.MustCompile(`<\s*([\pL_][\pL\pN_ -]{0,40}?)\s*>`), fieldLike("of another product")},
	{regexp.MustCompile(`&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});`), entity},

	{regexp.MustCompile(`%%([\pL_][\pL\pN_. -]{0,40}?)%%`), placeholder("of another product")},
	{regexp.MustCompile(`%([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|(?:[a-z]+\.)[a-z][a-z0-9_]*)%`), placeholder("of another product")},
	{regexp.MustCompile(`%([\pL_][\pL\pN_ -]{0,40}?)%`), fieldLike("of another product")},
	{regexp.MustCompile(`##\s*([\pL_][\pL\pN_ -]{0,40}?)\s*##`), fieldLike("of another product")},
	{regexp.MustCompile(`#([\pL_][\pL\pN_ -]{0,40}?)#`), fieldLike("of another product")},
	{regexp.MustCompile(`@@?([\pL_][\pL\pN_ -]{0,40}?)@@?`), fieldLike("of another product")},
	{regexp.MustCompile(`\$\$?([\pL_][\pL\pN_ -]{0,40}?)\$\$?`), fieldLike("of another product")},
	{regexp.MustCompile(`__+([\pL][\pL\pN_ -]{0,40}?)__+`), fieldLike("of another product")},
	{regexp.MustCompile(`!!([\pL_][\pL\pN_ -]{0,40}?)!!`), fieldLike("of another product")},
	{regexp.MustCompile(`~~?([\pL_][\pL\pN_ -]{0,40}?)~~?`), fieldLike("of another product")},
	{regexp.MustCompile(`\$([a-z]+(?:_[a-z]+)+|(?:first|last|full|company)[Nn]ame)\b`), fieldLike("of another language")},
}

// firstBare is the first of the shapes whose marks are common in links.
var firstBare = slices.IndexFunc(shapes, func(s shape) bool { return strings.HasPrefix(s.pattern.String(), "%%(") })

func spintax(match []string) string {
	first, rest, _ := strings.Cut(strings.Trim(match[0], "{}"), "|")
	if name := strings.TrimSpace(first); slices.Contains(fieldNames, squeeze(name)) || snake.MatchString(name) {
		return fmt.Sprintf("it looks like a placeholder with what stands in: write {{ %s | default: '%s' }}", meantBy(name), shorten(strings.TrimSpace(rest), 40))
	}
	return "it looks like spintax, and every contact would read all of it: write one of them"
}

func entity(match []string) string {
	if plain := html.UnescapeString(match[0]); plain != match[0] && !strings.HasSuffix(plain, ";") {
		return "it is HTML, and messages are plain text: write the character itself"
	}
	return ""
}

var (
	helper   = regexp.MustCompile(`^[#/^>!&=.@$*]+\s*([\pL_][\pL\pN_. ]*)?`)
	jinjaIf  = regexp.MustCompile(`^(\S+)\s+if\s+.+\s+else\s+`)
	fallback = regexp.MustCompile(`^([\pL_][\pL\pN_. -]*?)\s*(?:\|\||\?\?|:default=|:|,)\s*["']?([^"'|]*?)["']?$`)
)

// otherOutput says what to write for an expression in the syntax of another product; ""
// when it is none.
func otherOutput(text string) string {
	text = trimSpace(text)
	shown := "has {{ " + shorten(text, 40) + " }}, which "
	switch {
	case strings.HasPrefix(text, "{"):
		return "has three braces: write two, as {{ first_name }}"
	case text == "else":
		return "has {{ else }}: write {% else %}"
	case strings.HasPrefix(text, "#if"), strings.HasPrefix(text, "#unless"), strings.HasPrefix(text, "#each"), strings.HasPrefix(text, "#with"):
		return shown + "is a tag of Handlebars: write {% if x %}…{% endif %} or {% for item in list %}…{% endfor %}"
	case strings.HasPrefix(text, "/"):
		return shown + "is a tag of Handlebars: write {% endif %} or {% endfor %}"
	}
	if found := helper.FindStringSubmatch(text); found != nil {
		if name := strings.TrimSpace(found[1]); name != "" && strings.ContainsAny(text[:1], ".@$=&*") {
			return shown + "is of another language: write {{ " + shorten(keyOf(lastPart(name)), 40) + " }}"
		}
		return shown + "is of another language: write {{ first_name }}, {% if x %}…{% endif %} or {% comment %}…{% endcomment %}"
	}
	if found := jinjaIf.FindStringSubmatch(text); found != nil {
		return shown + "is of another language: write {% if x %}…{% else %}…{% endif %}"
	}
	if found := fallback.FindStringSubmatch(text); found != nil && found[2] != "" {
		return fmt.Sprintf("%sis of another product: write {{ %s | default: '%s' }}", shown, shorten(meantBy(lastPart(found[1])), 40), shorten(found[2], 40))
	}
	if words := strings.Fields(text); len(words) > 1 && len(words) < 4 && strings.Trim(squeeze(text), "0123456789") != "" && plainWords(text) {
		return shown + "has a name of several words: write {{ " + shorten(meantBy(lastPart(text)), 40) + " }}"
	}
	return ""
}

// plainWords is true for words that no sign of Liquid joins.
func plainWords(text string) bool {
	for _, word := range strings.Fields(text) {
		if strings.Trim(strings.Map(func(r rune) rune {
			if inName(r) || r == '.' {
				return 'x'
			}
			return '|'
		}, word), "x") != "" || slices.Contains([]string{"and", "or", "contains", "not"}, word) {
			return false
		}
	}
	return true
}

func lastPart(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

package liquid_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/liquid"
)

// TestForeign: what another product would fill in, and HTML, are refused with what to write.
func TestForeign(t *testing.T) {
	t.Parallel()
	for template, reason := range map[string]string{
		"*|FNAME|*": "write {{ first_name }}", "*|LNAME|*": "write {{ last_name }}", "*|MERGE1|*": "Mailchimp", "|*FNAME*|": "write {{ first_name }}", "*|EMAIL|*": "{{ email }}",
		"[First Name]": "write {{ first_name }}", "[FIRST_NAME]": "{{ first_name }}", "[Company]": "{{ company }}", "[Name]": "{{ full_name }}", "[[first_name]]": "{{ first_name }}", "[job_title]": "{{ job_title }}", "[-first_name-]": "{{ first_name }}",
		"{first_name}": "write {{ first_name }}", "{FirstName}": "{{ first_name }}", "{ first_name }": "{{ first_name }}", "{First Name}": "{{ first_name }}", "{FIRST_NAME}": "{{ first_name }}", "{city}": "{{ city }}", "{contact.firstname}": "{{ first_name }}",
		"{contactfield=firstname|friend}": "{{ first_name }}", "{first_name|there}": "write {{ first_name | default: 'there' }}", "{Hi|Hello}": "spintax", "{Hi|Hello|Hey there}": "spintax", "{Hi|{Hello|Hey}}": "spintax", "{Hi|}": "spintax",
		"%FIRSTNAME%": "{{ first_name }}", "%FIRST_NAME%": "{{ first_name }}", "%first_name%": "{{ first_name }}", "%%First Name%%": "{{ first_name }}", "%recipient.first_name%": "{{ first_name }}", "%JOB_TITLE%": "{{ job_title }}", "%(first_name)s": "{{ first_name }}",
		"{!Contact.FirstName}": "write {{ first_name }}", "{!Account.Name}": "Salesforce", "{{{first_name}}}": "three braces", "{{{Recipient.FirstName}}}": "three braces", "${first_name}": "{{ first_name }}", "#{first_name}": "{{ first_name }}", "{$first_name}": "{{ first_name }}", "$first_name": "{{ first_name }}",
		"«FirstName»": "{{ first_name }}", "«First_Name»": "{{ first_name }}", "« Company »": "{{ company }}", "<<First Name>>": "{{ first_name }}", "<First Name>": "{{ first_name }}", "##first_name##": "{{ first_name }}", "#FNAME#": "{{ first_name }}", "@first_name@": "{{ first_name }}", "__FIRST_NAME__": "{{ first_name }}", "$firstname$": "{{ first_name }}",
		"<%= first_name %>": "code of another language", "<?php echo $name ?>": "code of another language", "{# a remark #}": "{% comment %}", "{0}": "placeholder of another language",
		"｛｛ first_name ｝｝": "wide braces", "{ { first_name } }": "braces stand apart", "{ {first_name}}": "{{ first_name }}",
		"<p>some": "HTML", "a<br>b": "HTML", "a<br/>b": "HTML", "<a href=\"https://x.example\">x</a>": "HTML", "<b>x</b>": "HTML", "</div>": "HTML", "<img src=x.png width=1>": "HTML", "<!-- x -->": "HTML", "<!DOCTYPE html>": "HTML", "<a href='{{ website }}'>x": "HTML", "<BR>": "HTML",
		"a&nbsp;b": "HTML", "R&amp;D": "HTML", "&#39;": "HTML", "&#x27;": "HTML", "&eacute;": "HTML", "https://x.example/?a=1&amp;b=2": "HTML",
		"{{#if company}}a{{/if}}": "{% if x %}", "{{/if}}": "{% endif %}", "{{else}}": "{% else %}", "{{#each list}}": "{% for item in list %}", "{{> footer}}": "of another language", "{{! remark }}": "of another language", "{{^company}}": "of another language",
		"{{ .FirstName }}": "{{ first_name }}", "{{ $first_name }}": "{{ first_name }}", "{{= first_name }}": "{{ first_name }}", "{{ @first_name }}": "{{ first_name }}", "{{&first_name}}": "{{ first_name }}",
		"{{contact.firstname() }}": "like a function", `{{ personalization_token("contact.firstname", "there") }}`: "like a function", "{{firstName|there}}": "write | default: 'there'", `{{ first_name | "there" }}`: "write | default: 'there'",
		"{{ first_name || 'there' }}": "write {{ first_name | default: 'there' }}", "{{ first_name ?? 'there' }}": "| default: 'there' }}", "{{ first_name, 'there' }}": "| default: 'there' }}", "{{ first_name: 'there' }}": "| default: 'there' }}", "{{lead.First Name:default=friend}}": "write {{ first_name | default: 'friend' }}",
		"{{ first_name if first_name else 'there' }}": "{% if x %}…{% else %}", "{{ First Name }}": "write {{ first_name }}", "{{ first_name ? 'a' : 'b' }}": "{% if x %}", "{{ first_name + ' x' }}": "| append: 'text'",
		"{% elif x %}": "write {% elsif x %}", "{% elseif x %}": "write {% elsif x %}", "{% set x = 1 %}": "write {% assign x = y %}", "{% if x is defined %}a{% endif %}": "!= blank", "{% end %}": "nothing is open", "{% endfi %}": "nothing is open",
		"{ MERGEFIELD First_Name \\* MERGEFORMAT }": "{{ first_name }}", `${first_name!"there"}`: "{{ first_name }}", "$!{firstName}": "{{ first_name }}", "%%=v(@first)=%%": "code of another language", "{!! $x !!}": "code of another language", "{{ first_name }}}": "three braces", "{ % if vip % }a{ % endif % }": "marks stand apart",
		"*|DATE:d/m/y|*": "Mailchimp", "[firstname,fallback=there]": "{{ first_name }}", `[name default="there"]`: "{{ full_name }}", `[contact first_name="x"]`: "{{ first_name }}", "[first_name|there]": "{{ first_name }}", `[[FIRSTNAME OR "friend"]]`: "{{ first_name }}",
		"{{spin}}Hi|Hello{{endspin}}": "spintax",
		"{{ now | date: '%Y' }}":      "write 'now' in quotes", "{{ today | date: '%Y' }}": "write 'today' in quotes", "{{ first_name | upper }}": "write | upcase", "{{ first_name | title }}": "write | capitalize", "{{ first_name | fallback: 'x' }}": "write | default: 'text'",
		"{% if a || b %}x{% endif %}": "write or between conditions", "{{ employees | divided_by: 0 }}": "divides by zero", "{{ city | truncate: 'x' }}": "which is no number", "{{ employees | plus: 'x' }}": "which is no number", "{{ tags | split: ',' | concat: 'x' }}": "adds to a list",
		"{{ 'abc' | date: '%Y' }}": "as a date, which it is not", "{{ '03/14/2024' | date: '%Y' }}": "as a date", "{{ 'tomorrow' | date: '%Y' }}": "as a date", "{{ start | date: 'YYYY-MM-DD' }}": "write %Y-%m-%d", "{{ start | date: 'd/m/Y' }}": "sent as it stands", "{{ start | date: '%Q%!' }}": "has no meaning",
		"{{ 'x' | plus: 1 }}": "which is no number", "{{ 1 | divided_by: 0 }}": "divides by zero", "{% if 'x' > 5 %}a{% endif %}b": "with a number", "{% if vip > true %}a{% endif %}b": "neither more nor less", "{% if a and b or c %}x{% endif %}": "in brackets",
	} {
		problems := liquid.Validate("one\n" + template + "\nthree")
		require.NotEmpty(t, problems, template)
		var all []string
		for _, problem := range problems {
			require.Equal(t, 2, problem.Line, template)
			all = append(all, problem.Text)
		}
		require.Contains(t, strings.Join(all, "; "), reason, template)
	}
}

// TestMeantAsItStands: texts that people write are not taken for placeholders.
func TestMeantAsItStands(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"It costs $100, or $100-$200 a month.", "[1] see below [2]", "50% off, 100% sure, 20%-30%", "a * b | c * d", "3 < 5 and 7 > 2", "x <y and y> z", "<3", "a <-> b", "-> see <https://a.example/x>", "Ada <ada@a.example>",
		"R&D, AT&T; and Q&A;", "Tom & Jerry;", "https://a.example/?a=1&b=2&copy=3", "https://a.example/%20Hello%20you%C3%A9t%C3%A9", "https://a.example/#name#x", "{}", "{ }", "[x] done [ ] open", "[see below]", "[read more](https://a.example)", "[Company](https://a.example)",
		"« Bonjour », dit-il. «Relance» und »Wort«", "C# and F#", "#1 in #sales", "@ada and @bob", "me@a.example, you@b.example", "__init__ and snake_case_name", "*bold* and _emphasis_", "~5 minutes~", "5 %, 6 %", "{\"a\": 1}", "f(x) = {1, 2}", "f(x) = {x}", "{\"a\": {{ employees | default: 1 }}}", "%%% and 5%% [x]", "{ 5 % of all }", "function f() { return 1 }", "{ }", "{see the attached file}", "[Company News] Hello", "[Name: Ada]", "[Webinar] today", "[EXTERNAL] x", "[Action required]", "[position=3]", "\\frac{a}{b}", "{{ phone2 | default: 'x' }} {{ emails | default: 'x' }} {{ gmail | default: 'x' }} {{ mail | default: 'x' }}", "Wow!! Really!!", "$$$", "100 % | 50 %",
		"{% raw %}{first_name} {{ x }} <p> {a|b}{% endraw %}", "{% comment %}{first_name} <p>{% endcomment %}x", "{% # a remark %}x", "It's {{ first_name }}'s \"day\"", "{% if company == \"it's\" %}a{% endif %}b", "a\u00a0b", "{{\u00a0first_name\u00a0}}", "{{ first_name | default: 'you; or {so}' }}",
		"{{ 'now' | date: '%Y' }} {{ \"today\" | date: \"%-d %B\" }} {{ 'now' | date: '%s' | plus: 604800 | date: '%A' }} {{ 0 | date: '%Y' }} {{ '2024-03-14' | date: '%d %B %Y' }} {{ 'now' | date }}", "{{-first_name-}}",
	} {
		require.Empty(t, liquid.Validate(text), text)
		_, err := liquid.Render("body", text, elodie)
		require.NoError(t, err, text)
	}
	got, err := liquid.Render("body", "{{ '2024-03-14' | date: '%d %B %Y' }} {{ '14 Mar 2024' | date: '%F' }} {{ '2024-03-14T10:00:00Z' | date: '%H:%M' }} {{ '1710374400000' | date: '%Y' }} {{ 86400000 | date: '%Y' }} {{ '20240314' | date: '%-d.%-m.%Y' }}", nil)
	require.NoError(t, err)
	require.Equal(t, "14 March 2024 2024-03-14 10:00 2024 1972 14.3.2024", got)
}

// TestAllAtOnce: every problem is said, each with its line.
func TestAllAtOnce(t *testing.T) {
	t.Parallel()
	problems := liquid.Validate("Hi *|FNAME|* [First Name] {first_name} %FIRSTNAME% {contactfield=firstname|friend} {Hi|Hello} <p>some <b>HTML</b></p>")
	require.Len(t, problems, 10)
	var lines []int
	for _, problem := range liquid.Validate("Hi {name},\n{{ first_name | shout }}\n{% if x %}\n<br>\n{{ contact }}\n{{ x }") {
		lines = append(lines, problem.Line)
	}
	require.Equal(t, []int{1, 2, 3, 4, 5, 6}, lines)
}

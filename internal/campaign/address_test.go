package campaign_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a@b.co": "a@b.co", " Ada.L+tag@B-C.Example ": "ada.l+tag@b-c.example", "o'brien@x.ie": "o'brien@x.ie",
		"Ada Lovelace <ada@x.io>": "ada@x.io", `"Lovelace, Ada" <ada@x.io>`: "ada@x.io", "<ada@x.io>": "ada@x.io",
		"mailto:ada@x.io?subject=hi": "ada@x.io", "MAILTO:ada%40x.io": "ada@x.io",
		"ada@x.io.": "ada@x.io", "ada\u200b@x.io\u00a0": "ada@x.io", "\ufeffada@x.io": "ada@x.io", "ad\u00ada@x.io": "ada@x.io",
		`"a b"@x.io`: `"a b"@x.io`, `"a@b"@x.io`: `"a@b"@x.io`, `"ada"@x.io`: "ada@x.io", `"a\"\\b c"@x.io`: `"a\"\\b c"@x.io`, `"\a b"@x.io`: `"a b"@x.io`,
		"info@münchen.example": "info@münchen.example", "info@xn--mnchen-3ya.example": "info@münchen.example",
		"info@mu\u0308nchen.example": "info@münchen.example", "INFO@MÜNCHEN.EXAMPLE": "info@münchen.example", "info@XN--MNCHEN-3YA.example": "info@münchen.example",
		"info@ｍünchen．example": "info@münchen.example", "info@münchen。example": "info@münchen.example",
		"jose\u0301@exämple.de": "josé@exämple.de", "用户@例子.公司": "用户@例子.公司", "a@straße.example": "a@straße.example", "a@xn--strae-oqa.example": "a@straße.example",
		"a@xn--80ak6aa92e.com": "a@аррӏе.com", "a@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com": "a@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com",
		strings.Repeat("a", 64) + "@x.io": strings.Repeat("a", 64) + "@x.io", "a@" + strings.Repeat("b", 63) + ".io": "a@" + strings.Repeat("b", 63) + ".io",
	} {
		got, err := campaign.ParseAddress(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for text, problem := range map[string]string{
		"": "no @", "a": "no @", "@": "before the @", "@b.c": "before the @", "a@": "after the @", "a@.": "dot", "a@b": "no dot", "a@@b.c": "more than one @",
		"a b@c.d": "space", "a@b c.d": "space", "a..b@c.d": "two dots", ".a@c.d": "beginning or the end", "a.@c.d": "beginning or the end",
		"a@b..c": "dot too many", "a@b.c..": "dot too many", "a@-b.c": "hyphen", "a@b-.c": "hyphen", "a@b_c.d": "'_'", "a@1.2.3.4": "ends in a number", "a@１.２": "ends in a number",
		"a@[1.2.3.4]": "no domain name", "a(b)@c.d": "'('", `"a@c.d`: `'"'`, `"a"b"@c.d`: "quotes", "a@b.io, c@d.io": "more than one @", "<a@b.io> x": "not allowed",
		strings.Repeat("a", 65) + "@x.io": "64 bytes", strings.Repeat("ä", 33) + "@x.io": "64 bytes", "a@" + strings.Repeat("b", 64) + ".io": "63 bytes", "\xff@c.d": "not readable",
		"a@" + strings.Repeat("b.", 130) + "io": "254 bytes", "a@xn--\u0301.example": "in any spelling", "a@xn--zzzzzzzz.example": "in any spelling", "a\u2028b@c.d": "space",
	} {
		_, err := campaign.ParseAddress(text)
		var wrong *campaign.AddressError
		require.True(t, errors.As(err, &wrong), "%q: %v", text, err)
		require.Contains(t, wrong.Problem, problem, text)
		require.Contains(t, err.Error(), "is not an email address: ")
	}
}

func TestSpellings(t *testing.T) {
	t.Parallel()
	want := []string{"info@münchen.example", "info@xn--mnchen-3ya.example", "info@mu\u0308nchen.example"}
	for _, spelling := range append(want, "Info@MÜNCHEN.example") {
		require.Equal(t, want, campaign.Spellings(spelling), spelling)
	}
	require.Equal(t, []string{"ada@x.io"}, campaign.Spellings(" Ada@X.io"))
	require.Equal(t, []string{"no address"}, campaign.Spellings(" No address"))
	require.Equal(t, []string{""}, campaign.Spellings(""))
}

func TestParsePhone(t *testing.T) {
	t.Parallel()
	for text, want := range phones {
		got, err := campaign.ParsePhone(text)
		require.Equal(t, want, got, text)
		if want == "" {
			require.ErrorContains(t, err, "write", text)
		} else {
			require.NoError(t, err, text)
		}
	}
}

// phones are texts and the number that each is; "" is none.
var phones = map[string]string{
	"+44 (0)7911 123456": "+447911123456", "+44(0)7911/12.34-56": "+447911123456", "00447911123456": "+447911123456", "+4407911123456": "+447911123456",
	"+32 475 00 00 01": "+32475000001", "tel:+32-475-00-00-01": "+32475000001", "\u00a0+32\u00a0475\u200b000001\u00a0": "+32475000001", "＋３２４７５０００００１": "+32475000001",
	"+٣٢٤٧٥٠٠٠٠٠١": "+32475000001", "+1 (201) 555-0123": "+12015550123",
	"+32 000 00 00 00": "", "+32000000000": "", "0475 12 34 56": "", "": "", "call after 5pm": "", "+32 475": "", "+1 800 FLOWERS": "", "+32475000001 or so": "",
	"+32475000001 ext. 5": "", "+32 2 555 12 12 x34": "", "+999 123456789": "", "+": "", "+32475000001234567890": "", "\xff": "",
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"a@b.co", "N <a@b.co>", "mailto:a%40b.co", `"a b"@x.io`, "info@mu\u0308nchen.example", "info@xn--mnchen-3ya.example", "a@ｂ。co", "İ@x.io", "ǰ@ǰ.io"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := campaign.ParseAddress(text)
		if err != nil {
			return
		}
		for _, spelling := range append(campaign.Spellings(text), got, "N <"+got+">") {
			if again, err := campaign.ParseAddress(spelling); err != nil || again != got {
				t.Fatalf("%q gives %q, and its spelling %q gives %q (%v)", text, got, spelling, again, err)
			}
		}
		if strings.ContainsAny(got, "\r\n\x00") || len(got) > 1000 {
			t.Fatalf("%q gives %q", text, got)
		}
	})
}

func FuzzParsePhone(f *testing.F) {
	for text := range phones {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := campaign.ParsePhone(text)
		if err != nil {
			return
		}
		if again, err := campaign.ParsePhone(got); err != nil || again != got || strings.Trim(got, "+0123456789") != "" {
			t.Fatalf("%q gives %q, and that gives %q (%v)", text, got, again, err)
		}
	})
}

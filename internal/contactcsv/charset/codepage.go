package charset

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// codePage is an encoding that a file may be in when it is not Unicode.
type codePage struct {
	name string
	enc  encoding.Encoding
	// bias is how much rarer than Windows-1252 it is met, as the logarithm of the ratio.
	bias float64
	// languages are written in it; the keys of lexicon.
	languages []string
}

// codePages in the order in which equals are preferred: what Excel writes on
// Windows, then on a Mac, then what older systems and DOS write.
var codePages = []codePage{
	{"windows-1252", charmap.Windows1252, 0, western},
	{"windows-1250", charmap.Windows1250, 1, central},
	{"windows-1251", charmap.Windows1251, 1, cyrillic},
	{"windows-1253", charmap.Windows1253, 1, []string{"el"}},
	{"windows-1254", charmap.Windows1254, 1, []string{"tr"}},
	{"windows-1257", charmap.Windows1257, 2, []string{"lt", "lv", "et"}},
	{"windows-1255", charmap.Windows1255, 1.5, []string{"he"}},
	{"windows-1256", charmap.Windows1256, 1.5, []string{"ar"}},
	{"windows-874", charmap.Windows874, 2, []string{"th"}},
	{"shift_jis", japanese.ShiftJIS, 1.5, []string{"ja"}},
	{"gb18030", simplifiedchinese.GB18030, 1.5, []string{"zh"}},
	{"big5", traditionalchinese.Big5, 1.5, []string{"zh-hant"}},
	{"euc-kr", korean.EUCKR, 1.5, []string{"ko"}},
	{"euc-jp", japanese.EUCJP, 2.5, []string{"ja"}},
	{"macintosh", charmap.Macintosh, 2, western},
	{"x-mac-cyrillic", charmap.MacintoshCyrillic, 3, cyrillic},
	{"iso-8859-2", charmap.ISO8859_2, 2, central},
	{"iso-8859-15", charmap.ISO8859_15, 2, western},
	{"iso-8859-7", charmap.ISO8859_7, 2, []string{"el"}},
	{"koi8-u", charmap.KOI8U, 4, cyrillic},
	{"ibm850", charmap.CodePage850, 3, western},
	{"ibm852", charmap.CodePage852, 3, central},
	{"ibm866", charmap.CodePage866, 3, cyrillic},
}

var (
	western  = []string{"fr", "de", "es", "pt", "it", "nordic", "is"}
	central  = []string{"pl", "cs", "hu", "hr", "ro"}
	cyrillic = []string{"ru", "uk"}
)

// alias are names that people and spreadsheets use and no registry lists.
var alias = map[string]string{
	"utf8": "utf-8", "utf16": "utf-16le", "utf-16": "utf-16le", "utf16le": "utf-16le", "utf16be": "utf-16be", "unicode": "utf-16le",
	"ansi": "windows-1252", "1252": "windows-1252", "1250": "windows-1250", "1251": "windows-1251", "1253": "windows-1253", "1254": "windows-1254", "1257": "windows-1257",
	"macroman": "macintosh", "mac-roman": "macintosh", "mac": "macintosh", "mac-cyrillic": "x-mac-cyrillic", "maccyrillic": "x-mac-cyrillic",
	"cp932": "shift_jis", "932": "shift_jis", "cp936": "gb18030", "936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp949": "euc-kr", "949": "euc-kr", "cp950": "big5", "950": "big5",
	"cp874": "windows-874", "cp850": "ibm850", "850": "ibm850", "cp852": "ibm852", "852": "ibm852", "cp866": "ibm866", "866": "ibm866", "cp437": "ibm437", "437": "ibm437",
}

// lookup finds an encoding by one of its names, in any letter case.
func lookup(name string) (canonical string, enc encoding.Encoding, ok bool) {
	name = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "-")
	if other, is := alias[name]; is {
		name = other
	}
	for _, page := range codePages {
		if page.name == name {
			return page.name, page.enc, true
		}
	}
	if enc, err := htmlindex.Get(name); err == nil {
		canonical, err := htmlindex.Name(enc)
		// The web's names for "anything" and "nothing" are no encodings of a file.
		return canonical, enc, err == nil && canonical != "replacement" && canonical != "x-user-defined"
	}
	if enc, err := ianaindex.IANA.Encoding(name); err == nil && enc != nil {
		canonical, err := ianaindex.IANA.Name(enc)
		return strings.ToLower(canonical), enc, err == nil
	}
	return "", nil, false
}

// Names are the encodings that Decode tells apart, for a message.
func Names() []string {
	names := []string{utf8Name, utf16le, utf16be}
	for _, page := range codePages {
		names = append(names, page.name)
	}
	return names
}

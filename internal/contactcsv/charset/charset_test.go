package charset_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"relance/internal/contactcsv/charset"
)

// Names that the lexicon does not hold, as small files of English headers and
// addresses that say nothing about the country.
func TestSmallFilesOfEachCodePage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		enc   encoding.Encoding
		files []string // names of one file, parted by blanks
	}{
		{"windows-1252", charmap.Windows1252, []string{"Zoë", "Renée Crête", "Jürg Häberli", "Iñaki Núñez", "Kåre Bjørge", "João Magalhães", "Søren", "Niccolò Forlì", "Thürig", "Begoña Cañizares", "Anaïs L’Hôpital", "Åse Lindqvist", "Þorgerður Ísleifsdóttir", "MÜLLER", "FRANÇOIS", "Peña Ibañez", "Señor", "Ñuflo", "Dieter Schön", "Vicência Brandão", "Françoise"}},
		{"windows-1250", charmap.Windows1250, []string{"Łukasz Żółkiewski Źródło", "Gąsior", "Stanisław Pióro", "Zbigniew Łoś", "Halina Woźnicka", "Jiří Vondráček", "Ondřej Švec", "Gergő Vásárhelyi", "Szűcs Őze", "Ivana Đurđević", "Mihăiţă Brănescu", "Ľudmila Hruškovičová", "Mieczysław Dębicki", "ŁUCJA WÓJCICKA", "Dušan Bregović", "Ťapák Řezníček", "Jadwiga Błażejewska"}},
		{"windows-1251", charmap.Windows1251, []string{"Вадим Прокофьев", "Жанна", "Эмма Щукина", "Руслан Гончаренко", "ЛЕОНИД", "Владислав Цыганов", "Оля"}},
		{"windows-1253", charmap.Windows1253, []string{"Γιώργος Παππάς", "Θεόδωρος Κολοκοτρώνης", "Λευτέρης", "Δέσποινα Βανδή", "Άρης", "ΝΙΚΟΣ"}},
		{"windows-1254", charmap.Windows1254, []string{"Ayşegül Yıldızoğlu", "İlhan Gündüz", "Büşra Şimşek", "Tuğrul Balcı", "Rıza Çalışkan"}},
		{"windows-1257", charmap.Windows1257, []string{"Šarūnas Jasikevičius", "Žilvinas Kęstutis Grigaitis", "Dalia Grybauskaitė", "Rinkēvičs Jānis Siliņš", "Rinkēvičs Jānis", "Krišjānis Kariņš", "Ēriks Štāls", "Gintaras Mažulis Kęstutis"}},
		{"macintosh", charmap.Macintosh, []string{"José Núñez", "Zoë", "Jürg Häberli", "Renée Crête", "Kåre Bjørge", "João Magalhães"}},
		{"shift_jis", japanese.ShiftJIS, []string{"太郎 山田", "桜井 和寿", "宮崎 駿", "ヤマザキ", "古川 琴音", "織田 信長"}},
		{"gb18030", simplifiedchinese.GB18030, []string{"王伟", "欧阳修", "诸葛亮 孔明", "上海 贸易", "章子怡", "周杰伦"}},
		{"big5", traditionalchinese.Big5, []string{"陳怡君", "蔡英文", "馬英九", "韓國棟", "周杰倫 台灣"}},
		{"euc-kr", korean.EUCKR, []string{"김철수", "박지성", "손흥민", "배두나", "봉준호 감독"}},
		{"windows-1255", charmap.Windows1255, []string{"יעל שטרן", "גדעון סער", "בנימין"}},
		{"windows-1256", charmap.Windows1256, []string{"هشام القاسم", "نجيب محفوظ", "عبير"}},
		{"windows-874", charmap.Windows874, []string{"ปรีชา วงศ์", "สมพร ยิ้มแย้ม"}},
		{"koi8-u", charmap.KOI8U, []string{"Вадим Прокофьев", "Руслан Гончаренко"}},
		{"ibm850", charmap.CodePage850, []string{"José Núñez", "Jürg Häberli", "Renée Crête"}},
		{"iso-8859-2", charmap.ISO8859_2, []string{"Świętosława Gąsior", "Ľudmila Šťastná", "Bożena Ściborska"}},
	} {
		for _, file := range test.files {
			t.Run(test.name+" "+file, func(t *testing.T) {
				t.Parallel()
				text := "First Name,Last Name,Email\n" + strings.ReplaceAll(file, " ", ",") + ",a@b.example\n"
				in, err := test.enc.NewEncoder().Bytes([]byte(text))
				require.NoError(t, err)
				got, err := charset.Decode(in, "")
				require.NoError(t, err)
				if got.Doubt != nil {
					t.Logf("doubt: %+v", *got.Doubt)
				}
				require.Equal(t, text, string(got.Text), "%s %v", got.Encoding, got.Doubt)
			})
		}
	}
}

// What cannot be known is said: the reading is right, or the other one is named.
func TestDoubtIsSaid(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"Rink\xe7vi\xe8s", "Tu\xf0rul", "Zo\xeb\xeb", "\xde\xf0", "G\xb1sior", "\xcd\xc9\xca\xcf\xd3"} {
		got, err := charset.Decode([]byte("Name,Email\n"+in+",a@b.example\n"), "")
		require.NoError(t, err)
		require.NotNil(t, got.Doubt, "%s as %s", got.Text, got.Encoding)
		require.Equal(t, 2, got.Doubt.Line)
		require.NotEqual(t, got.Doubt.Here, got.Doubt.There)
	}
}

func TestHeadersAndDomainsSpeak(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Name,Email\n\xde\xfeil,a@b.example.tr\n":      "windows-1254",
		"Imi\xea;Nazwisko;E-mail\nG\xb9ska;\xafak;a@b": "windows-1250",
		"Name,Email\n\xdeilvinas,a@b.lt\n":             "windows-1257",
	} {
		got, err := charset.Decode([]byte(in), "")
		require.NoError(t, err)
		require.Equal(t, want, got.Encoding, "%s", got.Text)
	}
}

func TestUnicode(t *testing.T) {
	t.Parallel()
	const text = "Email;Name\r\na@b.example;Łukasz 太郎\r\n"
	for name, enc := range map[string]encoding.Encoding{
		"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
		"utf-16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		"utf-8":    unicode.UTF8,
	} {
		for _, mark := range []string{"", "\ufeff"} {
			in, err := enc.NewEncoder().Bytes([]byte(mark + text))
			require.NoError(t, err)
			got, err := charset.Decode(in, "")
			require.NoError(t, err)
			require.Equal(t, charset.Result{Text: []byte(text), Encoding: name}, got)
		}
	}
}

func TestAFileOfTwoEncodings(t *testing.T) {
	t.Parallel()
	got, err := charset.Decode([]byte("Name,Email\nZoë,a@b.example\nŁukasz,c@d.example\nRen\xe9,Fran\xe7ois\n"), "")
	require.NoError(t, err)
	require.Equal(t, "utf-8", got.Encoding)
	require.Equal(t, "Name,Email\nZoë,a@b.example\nŁukasz,c@d.example\nRené,François\n", string(got.Text))
	require.Equal(t, []charset.Stray{{Line: 4, Text: "René", Encoding: "windows-1252"}}, got.Strays)
}

func TestANameOverrules(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"cp1250": "windows-1250", "Windows 1251": "windows-1251", "latin2": "iso-8859-2", "MacRoman": "macintosh", "GBK": "gb18030", "cp850": "ibm850", "UTF-8": "utf-8", "Shift_JIS": "shift_jis", "ISO-8859-1": "windows-1252"} {
		got, err := charset.Decode([]byte("a\xe9"), name)
		require.NoError(t, err, name)
		require.Equal(t, want, got.Encoding)
		require.Nil(t, got.Doubt)
	}
	_, err := charset.Decode(nil, "klingon")
	require.ErrorContains(t, err, `there is no encoding "klingon"; expected one like utf-8, utf-16le`)
}

// FuzzDecode holds for any bytes and any name: no panic, and the text is UTF-8.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("Imi\xea;Nazwisko"), "")
	f.Add([]byte("\xff\xfeE\x00\n\x00"), "")
	f.Add([]byte("\x91\xbe\x98\x59,\x8e"), "sjis")
	f.Fuzz(func(t *testing.T, in []byte, name string) {
		got, err := charset.Decode(in, name)
		if err == nil && !utf8.Valid(got.Text) {
			t.Fatalf("%q as %s: %q", in, got.Encoding, got.Text)
		}
	})
}

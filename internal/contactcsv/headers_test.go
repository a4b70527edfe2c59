package contactcsv_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/htmlindex"

	"relance/internal/contactcsv"
)

// TestHeadersOfManyLanguages: given name, family name, company and address are found
// under the headers of each language, in the code page that its spreadsheets write.
func TestHeadersOfManyLanguages(t *testing.T) {
	t.Parallel()
	for header, encoding := range map[string]string{
		"Jméno;Příjmení;Společnost;E-mail":                                                                "windows-1250",
		"Křestní jméno;Příjmení;Firma;E-mailová adresa":                                                   "windows-1250",
		"Meno;Priezvisko;Spoločnosť;Email":                                                                "windows-1250",
		"Keresztnév;Vezetéknév;Cég;E-mail cím":                                                            "windows-1250",
		"Ime;Prezime;Tvrtka;E-pošta":                                                                      "windows-1250",
		"Prenume;Nume;Companie;Adresa de email":                                                           "windows-1250",
		"Имя;Фамилия;Компания;Электронная почта":                                                          "windows-1251",
		"Ім'я;Прізвище;Компанія;Електронна пошта":                                                         "windows-1251",
		"Име;Фамилия;Фирма;Имейл":                                                                         "windows-1251",
		"Имя;Фамилия;Компания;Рабочий e-mail":                                                             "windows-1251",
		"Förnamn;Efternamn;Företag;E-postadress":                                                          "windows-1252",
		"Fornavn;Efternavn;Virksomhed;E-mailadresse":                                                      "windows-1252",
		"Fornavn;Etternavn;Bedrift;E-post":                                                                "windows-1252",
		"Etunimi;Sukunimi;Yritys;Sähköposti":                                                              "windows-1252",
		"Eiginnafn;Kenninafn;Fyrirtæki;Netfang":                                                           "windows-1252",
		"Όνομα;Επώνυμο;Εταιρεία;Email":                                                                    "windows-1253",
		"Ad;Soyad;Şirket;E-posta":                                                                         "windows-1254",
		"Adı;Soyadı;Şirket Adı;E-posta Adresi":                                                            "utf-8",
		"Vardas;Pavardė;Įmonė;El. paštas":                                                                 "windows-1257",
		"Vārds;Uzvārds;Uzņēmums;E-pasts":                                                                  "windows-1257",
		"Eesnimi;Perekonnanimi;Ettevõte;E-post":                                                           "windows-1257",
		"שם פרטי;שם משפחה;חברה;אימייל":                                                                    "windows-1255",
		"الاسم الأول;اسم العائلة;الشركة;البريد الإلكتروني":                                                "windows-1256",
		"名;姓;会社名;メールアドレス":                                                                                 "shift_jis",
		"名;姓;公司;电子邮箱":                                                                                     "gb18030",
		"名字;姓;公司名稱;電子郵件":                                                                                  "big5",
		"이름;성;회사명;이메일 주소":                                                                                 "euc-kr",
		"Nama Depan;Nama Belakang;Perusahaan;Alamat Email":                                                "utf-8",
		"First name / Prénom;Last name / Nom;Company;Email":                                               "windows-1252",
		"First Name (required);Last Name *;Company;Email:":                                                "utf-8",
		"Invitee First Name;Invitee Last Name;Company;Email":                                              "utf-8",
		"What is your first name?;And your last name?;Company / Organization;What is your email address?": "utf-8",
		"Vorname;Nachname;Firma;geschäftliche E-Mail":                                                     "windows-1252",
		"Lead First Name;Lead Last Name;Lead Company;Work Email Address":                                  "utf-8",
		"First name;Last name;Account name;Emails":                                                        "utf-8",
	} {
		enc, err := htmlindex.Get(encoding)
		require.NoError(t, err)
		content, err := enc.NewEncoder().String(header + "\nAda;Ly;Byron;ada@a.example\n")
		require.NoError(t, err, header)
		got := read(t, []byte(content), nil)
		require.Len(t, got.Rows, 1, header)
		require.Equal(t, contact{FirstName: "Ada", LastName: "Ly", Company: "Byron", Email: "ada@a.example", Fields: map[string]string{}}, got.Rows[0].Contact, "%s as %s", header, got.Encoding)
	}
}

// TestHeadersThatMeanSomethingElse: a word beside a field's name may make it another's.
func TestHeadersThatMeanSomethingElse(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"Owner Email", "Assistant Phone", "Email Status", "Email Opt-in", "Company ID", "HubSpot Owner ID", "Salesforce Account ID", "Name / Email", "Contact Notes", "Company (ID)", "Parent Account", "Email (valid)", "Lead Source", "Phone / Email"} {
		got := read(t, []byte("First Name,"+header+"\nAda,x@y.example\n"), nil)
		require.Equal(t, contact{FirstName: "Ada", Fields: fields(header, "x@y.example")}, got.Rows[0].Contact, header)
	}
}

// TestRecordIDsOfProducts: whose ids they are, and the one spelling of each.
func TestRecordIDsOfProducts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]string{
		"ZoomInfo Contact ID,Email\n-123456,a@x.io":                   {"zoominfo", "-123456"},
		"Apollo Contact Id,Email\n63f1aa,a@x.io":                      {"apollo", "63f1aa"},
		"Copper ID,Email\n88,a@x.io":                                  {"copper", "88"},
		"(Do Not Modify) Contact,Email\n0f8fad5b-d9cb,a@x.io":         {"dynamics", "0f8fad5b-d9cb"},
		"Internal ID,Email\n345,a@x.io":                               {"netsuite", "345"},
		"Contact ID,Email\n0035g00000AbCdE,a@x.io":                    {"salesforce", "0035g00000AbCdEAAV"},
		"Contact ID,Email\n0035g00000AbCdEAAV,a@x.io":                 {"salesforce", "0035g00000AbCdEAAV"},
		"SFDC ID,Email\n0035g00000AbCdE,a@x.io":                       {"salesforce", "0035g00000AbCdEAAV"},
		"Record ID,Email\n1042.0,a@x.io":                              {"hubspot", "1042"},
		"Salesforce ID,Record ID,Email\n0035g00000AbCdE,7,a@x.io":     {"hubspot", "7"},
		"Record ID,Salesforce ID,Email\n,0035g00000AbCdE,a@x.io":      {"hubspot", ""},
		"HubSpot Contact ID,Salesforce ID,Email\n,0035g000001,a@x.io": {"hubspot", ""},
	} {
		got := read(t, []byte(in), nil)
		source := got.Source
		if want[1] == "" { // an id that is missing is not filled in from another product
			source = want[0]
		}
		require.Equal(t, want, [2]string{source, got.Rows[0].Contact.RecordID}, in)
	}
}

func TestLinesAboutTheListMayHoldAnAddress(t *testing.T) {
	t.Parallel()
	got, err := contactcsv.Read(strings.NewReader("Owner,maya@northwind.example\nExported,2024\n\nFirst Name,Last Name,Email\nAda,Ly,ada@a.example\n"), contactcsv.Options{})
	require.NoError(t, err)
	require.Equal(t, 4, got.HeaderLine)
	require.Len(t, got.Rows, 1)
	// A file without a header stays one: a list that follows another is no header of the first.
	_, err = contactcsv.Read(strings.NewReader("Ada,Ly,ada@a.example\nFirst Name,Last Name,Email\nBob,Ray,b@a.example\n"), contactcsv.Options{})
	require.ErrorContains(t, err, "looks like a contact")
}

package contactcsv

import (
	"strconv"
	"strings"
	"unicode"
)

// The fields of a contact, by the names that Options.Map uses.
const (
	firstName = "first_name"
	lastName  = "last_name"
	fullName  = "full_name"
	company   = "company"
	email     = "email"
	phone     = "phone"
	recordID  = "record_id"
	// ownID is the number that Relance itself gave a contact: id in contacts list.
	ownID = "relance_id"
	// someName is a header that means the whole name, or whichever half of it
	// no other column has: Nom beside Prénom is the last name.
	someName = "name"
)

// known is every header that is recognised, folded and without its number
// ("E-mail 2 - Value" is emailvalue), as the products print it in English,
// French, German, Dutch, Spanish, Italian, Portuguese and Polish; elsewhere has
// the other languages. Within a field the earlier header wins when a row has
// several.
var known = map[string][]string{
	firstName: {"firstname", "givenname", "forename", "personfirstname", "contactfirstname", "leadfirstname", "fname", "first",
		"prenom", "vorname", "voornaam", "nombredepila", "primernombre", "primeironome", "nomeproprio", "imie"},
	lastName: {"lastname", "familyname", "surname", "personlastname", "contactlastname", "leadlastname", "lname", "last",
		"nomdefamille", "nachname", "familienname", "achternaam", "familienaam", "apellidos", "apellido", "primerapellido", "cognome", "sobrenome", "apelido", "ultimonome", "nazwisko"},
	fullName: {"fullname", "contactname", "personname", "leadname", "displayname", "nomcomplet", "prenometnom", "nometprenom", "vollstandigername", "vorundnachname", "volledigenaam",
		"nombrecompleto", "nombreyapellidos", "nomecompleto", "nomeecognome", "nomeesobrenome", "imieinazwisko", "ansprechpartner", "contactpersoon", "contact", "kontakt", "fileas", "emaildisplayname", "nomcompletdeladressedemessagerie"},
	someName: {"name", "nom", "naam", "nombre", "nome"},
	company: {"companyname", "company", "organizationname", "organisationname", "organization", "organisation", "accountname", "personorganization", "personorganisation", "associatedcompany", "primarycompany", "zugehorigesunternehmen", "entrepriseassociee", "empresaasociada", "account", "employer", "business", "businessname",
		"societe", "nomdelasociete", "nomdelentreprise", "entreprise", "raisonsociale", "compte", "organisme", "firma", "firmenname", "unternehmen", "unternehmensname", "bedrijf", "bedrijfsnaam", "organisatie",
		"empresa", "nombredelaempresa", "compania", "organizacion", "azienda", "societa", "nomeazienda", "ragionesociale", "nomedaempresa", "organizacao", "companhia", "nazwafirmy", "organizacja", "przedsiebiorstwo"},
	email: {"email", "emailaddress", "emailvalue", "primaryemail", "primaryemailaddress", "mail", "mailaddress", "contactemail", "personemail", "leademail", "personemailwork", "workemail", "businessemail", "professionalemail", "emailwork", "companyemail",
		"adresseemail", "adressemail", "adressedemessagerie", "adresseelectronique", "courriel", "adressecourriel", "mel", "emailadresse", "mailadresse", "epost", "epostadresse", "emailadres", "mailadres",
		"correo", "correoelectronico", "direcciondecorreoelectronico", "direcciondecorreo", "direcciondeemail", "posta", "postaelettronica", "indirizzoemail", "indirizzodipostaelettronica", "indirizzomail", "indirizzopostaelettronica", "enderecodeemail", "enderecodecorreioeletronico", "correioeletronico", "correioeletronico", "adresemail", "adrespocztyelektronicznej", "adresposzty", "poczta",
		"personemailhome", "homeemail", "emailhome", "personalemail", "privateemail", "secondaryemail", "personemailother", "otheremail", "alternateemail", "additionalemail", "emailother"},
	phone: {"phone", "phonenumber", "phonevalue", "primaryphone", "telephone", "telephonenumber", "tel", "contactphone", "leadphone", "personphone", "mobilephone", "mobilephonenumber", "mobile", "mobilenumber", "mobileno", "workmobile", "cell", "cellphone", "cellphonenumber", "personphonemobile", "whatsappphonenumber",
		"numerodetelephone", "mobilenummer", "telmobile", "telephonemobile", "portable", "telephoneportable", "gsm", "telefon", "telefonnummer", "mobiltelefon", "mobil", "handy", "handynummer", "telefoon", "telefoonnummer", "mobieletelefoon", "mobiel", "gsmnummer",
		"telefono", "numerodetelefono", "telefonomovil", "movil", "cellulare", "telefonocellulare", "numeroditelefono", "telefone", "numerodetelefone", "telemovel", "celular", "numertelefonu", "telefonkomorkowy", "komorka",
		"businessphone", "workphone", "workphonenumber", "worknumber", "workdirectphone", "directphone", "directphonenumber", "directdial", "directnumber", "officephone", "companyphone", "corporatephone", "personphonework", "phonework", "telephonebureau", "telephoneprofessionnel", "telbureau", "telefongeschaftlich", "telefonowork", "telefoonwerk", "telefoonopwerk", "telefonodeltrabajo", "telefonoufficio", "telefonecomercial", "telefonsluzbowy",
		"homephone", "homephonenumber", "personphonehome", "phonehome", "telephonedomicile", "telephonepersonnel", "telefonprivat", "otherphone", "personphoneother", "phoneother"},
	recordID: {"recordid", "recordidcontact", "contactid", "leadid", "personid", "leid", "hsobjectid", "euid", "contactrecordid", "id", "uniqueid", "internalid", "externalid", "donotmodifycontact", "donotmodifylead", "idcontact", "iddecontact", "idducontact", "idduprospect", "identifiant", "identifiantcontact", "kontaktid", "datensatzid", "contactpersoonid",
		"iddefichedinformations", "idrecord", "identyfikatorrekordu", "iddecontacto", "idcontatto", "iddocontato", "iddoregistro", "idderegistro", "iddelregistro", "idenregistrement", "iddelenregistrement", "idkontaktu", "idrekordu", "recordnummer"},
}

// place is what a header means: its field, and how early it is asked.
type place struct {
	field string
	rank  int
}

// ownHeader is true for a column of our own ids: "Relance ID" in any spelling;
// and, where only own ids are asked for, contactId just as our JSON spells it. A
// bare "id" and "Contact ID" are what other products call theirs.
func ownHeader(header string, asked bool) bool {
	return fold(header) == "relanceid" || asked && header == "contactId"
}

var places = func() map[string]place {
	all := map[string]place{}
	add := func(header, field string, rank int) {
		if _, twice := all[header]; !twice {
			all[header] = place{field, rank}
		}
	}
	for field, headers := range known {
		for i, header := range headers {
			add(header, field, i)
		}
	}
	for field, headers := range elsewhere {
		for i, header := range strings.Split(headers, "|") {
			add(fold(header), field, len(known[field])+i)
		}
	}
	return all
}()

// productRank is the rank of an id whose header names another product: it stands
// beside the file's own ids more often than it is one.
const productRank = 9000

// recognise says what a header means, and false when it is nothing known. A
// number in it ranks first: E-mail 2 comes after every E-mail 1.
func recognise(header string) (place, bool) {
	if ownHeader(header, false) {
		return place{field: ownID}, true
	}
	folded := fold(header)
	if found, ok := places[folded]; ok {
		return found, true
	}
	if _, ok := productID(folded); ok {
		return place{recordID, productRank}, true
	}
	if found, ok := places[strings.TrimSuffix(folded, "s")]; ok && (found.field == email || found.field == phone) {
		return found, true // Emails, Phone numbers
	}
	if found, ok := qualified(header); ok {
		return found, true
	}
	start := strings.IndexFunc(folded, unicode.IsDigit)
	if start < 0 {
		return place{}, false
	}
	end := start
	for end < len(folded) && folded[end] >= '0' && folded[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(folded[start:end])
	found, ok := places[folded[:start]+folded[end:]]
	if err != nil || !ok || n > 99 {
		return place{}, false
	}
	switch found.field {
	case email, phone, company:
		return place{found.field, found.rank + n*1000}, true
	}
	return place{}, false
}

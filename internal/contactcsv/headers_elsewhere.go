package contactcsv

// elsewhere is known in the languages that the products' own translations are
// rarer in, as they are written, parted by |. A word that stands for the whole
// name and for the given name is someName: what stands beside it decides.
var elsewhere = map[string]string{
	// Czech, Slovak, Hungarian, Croatian, Serbian, Slovenian, Romanian | Russian, Ukrainian, Bulgarian |
	// Swedish, Danish, Norwegian, Finnish, Icelandic | Greek, Turkish | Lithuanian, Latvian, Estonian |
	// Hebrew, Arabic, Japanese, Chinese, Korean, Vietnamese, Indonesian, Thai
	firstName: "křestní jméno|krstné meno|keresztnév|utónév|osobno ime|prenume|lično ime|личное имя|собствено име|förnamn|fornavn|etunimi|eiginnafn|fornafn|μικρό όνομα|adı|isim|eesnimi|" +
		"שם פרטי|الاسم الأول|名|下の名前|nama depan|tên|ชื่อจริง",
	lastName: "příjmení|priezvisko|vezetéknév|családnév|prezime|priimek|nume de familie|фамилия|прізвище|фамилно име|efternamn|efternavn|etternavn|sukunimi|eftirnafn|kenninafn|επώνυμο|επίθετο|soyad|soyadı|soyisim|" +
		"pavardė|uzvārds|perekonnanimi|perenimi|שם משפחה|اسم العائلة|الاسم الأخير|اللقب|姓|苗字|성|nama belakang|họ|นามสกุล",
	fullName: "celé jméno|jméno a příjmení|příjmení a jméno|meno a priezvisko|celé meno|teljes név|ime i prezime|ime in priimek|puno ime|nume complet|nume și prenume|nume si prenume|фио|ф.и.о.|полное имя|имя и фамилия|фамилия и имя|фамилия имя|контактное лицо|" +
		"піб|ім'я та прізвище|повне ім'я|име и фамилия|пълно име|fullständigt namn|hela namnet|kontaktperson|fulde navn|fullt navn|koko nimi|yhteyshenkilö|fullt nafn|ονοματεπώνυμο|πλήρες όνομα|ad soyad|adı soyadı|isim soyisim|tam ad|" +
		"vardas pavardė|vardas, pavardė|vārds uzvārds|vārds, uzvārds|täisnimi|kontaktisik|שם מלא|الاسم الكامل|氏名|お名前|担当者名|名前|姓名|联系人|聯絡人|联系人姓名|성명|담당자|nama lengkap|họ và tên|họ tên|ชื่อ-นามสกุล|ชื่อ นามสกุล",
	someName: "jméno|meno|név|ime|nume|имя|ім'я|име|namn|navn|nimi|nafn|όνομα|ad|vardas|vārds|שם|الاسم|名字|이름|nama|ชื่อ",
	company: "společnost|název společnosti|název firmy|organizace|podnik|spoločnosť|názov spoločnosti|názov firmy|cég|cégnév|vállalat|tvrtka|poduzeće|preduzeće|podjetje|kompanija|companie|firmă|societate|nume companie|denumire firmă|" +
		"компания|название компании|организация|название организации|фирма|предприятие|компанія|назва компанії|організація|підприємство|име на фирмата|företag|företagsnamn|bolag|virksomhed|virksomhedsnavn|bedrift|bedriftsnavn|selskab|selskap|firmanavn|" +
		"yritys|yrityksen nimi|organisaatio|fyrirtæki|εταιρεία|εταιρία|επωνυμία|επιχείρηση|şirket|şirket adı|firma adı|kurum|işletme|įmonė|įmonės pavadinimas|uzņēmums|uzņēmuma nosaukums|ettevõte|ettevõtte nimi|" +
		"חברה|שם החברה|שם חברה|الشركة|اسم الشركة|会社|会社名|企業名|勤務先|法人名|公司|公司名称|公司名|企业|企业名称|单位|公司名稱|企業|회사|회사명|기업명|công ty|tên công ty|perusahaan|nama perusahaan|บริษัท|ชื่อบริษัท",
	email: "emailová adresa|e-mailová adresa|e-mail cím|email cím|e-mail címe|e-pošta|elektronska pošta|adresa e-pošte|e-mail adresa|e-poštni naslov|adresa de email|adresă de e-mail|adresă email|poștă electronică|" +
		"электронная почта|эл. почта|эл почта|почта|адрес электронной почты|адрес эл. почты|емейл|имейл|емэйл|email адрес|e-mail адрес|электронный адрес|електронна пошта|ел. пошта|ел пошта|пошта|електронна адреса|адреса електронної пошти|имейл адрес|електронна поща|ел. поща|" +
		"mejl|mejladress|e-postadress|epostadress|mailadress|mailadresse|e-postadresse|sähköposti|sähköpostiosoite|s-posti|netfang|tölvupóstur|ηλεκτρονική διεύθυνση|ηλεκτρονικό ταχυδρομείο|διεύθυνση email|διεύθυνση ηλεκτρονικού ταχυδρομείου|" +
		"e-posta|e-posta adresi|eposta adresi|email adresi|mail adresi|el. paštas|el paštas|el. pašto adresas|elektroninis paštas|e-pasts|e-pasta adrese|epasts|e-posti aadress|e-kiri|meiliaadress|meil|" +
		"אימייל|מייל|דוא\"ל|דואר אלקטרוני|כתובת אימייל|כתובת מייל|البريد الإلكتروني|البريد الالكتروني|بريد إلكتروني|الإيميل|メール|メールアドレス|eメール|電子メール|e-mailアドレス|邮箱|电子邮箱|电子邮件|邮箱地址|邮件地址|电邮|電子郵件|電子信箱|信箱|郵箱|電郵|電子郵件地址|" +
		"이메일|이메일 주소|메일|메일주소|전자우편|thư điện tử|địa chỉ email|alamat email|surel|อีเมล|อีเมล์",
	phone: "telefonní číslo|telefón|telefónne číslo|mobilní telefon|mobilný telefón|telefonszám|mobiltelefonszám|mobitel|broj telefona|broj mobitela|telefonska številka|număr de telefon|nr. telefon|telefon mobil|" +
		"телефон|номер телефона|мобильный телефон|мобильный|тел.|моб. телефон|контактный телефон|номер телефону|мобільний телефон|мобільний|мобилен телефон|мобилен|телефонен номер|" +
		"mobilnummer|telefonnr|mobiltelefonnummer|mobilnr|tlf|tlf.|tlfnr|puhelin|puhelinnumero|matkapuhelin|gsm-numero|sími|símanúmer|farsími|τηλέφωνο|κινητό|κινητό τηλέφωνο|αριθμός τηλεφώνου|" +
		"telefon numarası|cep telefonu|cep|telefon no|telefonas|telefono numeris|tel. nr.|mobilusis telefonas|mobilus telefonas|tālrunis|tālruņa numurs|mobilais tālrunis|telefoninumber|mobiiltelefon|mobiil|" +
		"טלפון|נייד|טלפון נייד|מספר טלפון|الهاتف|رقم الهاتف|الجوال|رقم الجوال|الموبايل|電話|電話番号|携帯電話|携帯|携帯番号|电话|电话号码|手机|手机号|手机号码|联系电话|電話號碼|手機|手機號碼|聯絡電話|전화|전화번호|휴대폰|휴대전화|연락처|핸드폰|điện thoại|số điện thoại|telepon|nomor telepon|no. hp|โทรศัพท์|เบอร์โทร|เบอร์โทรศัพท์",
	recordID: "id kontaktu|id záznamu|id kontakta|id-ul contactului|идентификатор|id контакта|ид контакта|ид|id контакту|kontakt-id|kontakt id|postid|yhteystiedon id|kişi kimliği|kayıt kimliği|kontakto id|レコードid|コンタクトid|记录id|联系人id|聯絡人id|레코드 id|연락처 id",
}

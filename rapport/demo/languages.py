"""Fragments in the audience's other languages, all invented. A kind of text that is missing here is said in English."""

from rapport.demo.phrases import Bank

LANGUAGES: dict[str, Bank] = {
    "es": {
        "hello": ("Hola", "Buenas", "Buenos días", "Hola a todos", "Buenas tardes"),
        "when": ("desde ayer", "desde la última versión", "cada mañana", "hace una semana", "a ratos"),
        "tail": (
            "Ya lo reinicié dos veces.",
            "Mi hermana tiene lo mismo.",
            "¡Gracias de antemano!",
            "No tengo prisa.",
            "Lo uso en casa todos los días.",
            "Perdón si ya lo preguntaron.",
            "Vivo lejos de cualquier tienda.",
        ),
        "question": (
            "{hello}, ¿cómo se configura {product}? {tail}",
            "{hello}, {product} no me funciona bien {when}. ¿Qué puedo hacer?",
            "¿Alguien sabe si {product} sirve para viajar? {tail}",
            "¿Es normal que {product} tarde tanto {when}? {tail}",
            "{hello}, ¿dónde encuentro el manual de {product}? {tail}",
        ),
        "praise": (
            "Llevo un año con {product} y estoy encantada. {tail}",
            "{product} me ha salvado la mañana {when}.",
            "Qué bien pensado está {product}, de verdad. {tail}",
            "En mi familia ya todos usamos {product}. {tail}",
        ),
        "help": (
            "A mí me pasó igual: apaga {product}, espera un minuto y vuelve a probar. {tail}",
            "Prueba a limpiar bien {product} y a empezar desde cero, así lo arreglé yo.",
            "Mira en los ajustes de {product}, la tercera opción. {tail}",
        ),
        "thanks": (
            "¡Muchas gracias, era eso! {tail}",
            "Funciona, gracias por tu tiempo. {tail}",
            "Perfecto, mil gracias. {tail}",
        ),
        "brand_answer": (
            "¡Hola! Prueba a reiniciar {product} y cuéntanos qué tal.",
            "Gracias por escribir. En los ajustes de {product} está la opción que buscas.",
        ),
        "brand_thanks": ("¡Gracias por tus palabras sobre {product}!",),
    },
    "pt": {
        "hello": ("Oi", "Olá", "Bom dia", "Boa noite", "Olá pessoal"),
        "when": ("desde ontem", "toda manhã", "há uma semana", "depois da atualização", "de vez em quando"),
        "tail": (
            "Já tentei de tudo.",
            "Obrigada desde já!",
            "Meu pai tem o mesmo problema.",
            "Uso todo dia no trabalho.",
            "Sem pressa.",
            "Moro numa ilha, então isso importa.",
        ),
        "question": (
            "{hello}, como faço para usar {product} em viagem? {tail}",
            "{hello}, {product} parou de funcionar {when}, o que eu faço?",
            "Alguém sabe se {product} precisa de limpeza especial? {tail}",
            "{product} ficou lento {when}. Tem conserto? {tail}",
        ),
        "praise": (
            "Que alegria usar {product} {when}. {tail}",
            "{product} é simples e dura muito. {tail}",
            "Minha mãe adorou {product}, e ela não gosta de nada.",
            "Recomendo {product} para quem tem pouco tempo. {tail}",
        ),
        "help": (
            "Comigo foi igual: desligue {product}, conte até dez e ligue de novo. {tail}",
            "Olhe na segunda página do manual de {product}, lá explica.",
            "Tire a tampa de {product} e coloque de volta devagar, resolve.",
        ),
        "thanks": (
            "Deu certo, muito obrigado! {tail}",
            "Era isso mesmo, obrigada! {tail}",
            "Valeu demais pela ajuda. {tail}",
        ),
        "brand_answer": ("Oi! Tente reiniciar {product} e conte para a gente.", "Obrigado por avisar sobre {product}."),
        "brand_thanks": ("Que bom ler isso sobre {product}, obrigado!",),
    },
    "de": {
        "hello": ("Hallo", "Moin", "Guten Morgen", "Servus", "Hallo zusammen"),
        "when": ("seit gestern", "seit dem Update", "jeden Morgen", "seit einer Woche", "ab und zu"),
        "tail": (
            "Neu gestartet habe ich schon.",
            "Danke im Voraus!",
            "Eilt nicht.",
            "Bei meiner Schwester genauso.",
            "Ich bin kein Profi, nur hartnäckig.",
            "Im Handbuch steht dazu nichts.",
            "Wir haben es im Verein im Einsatz.",
        ),
        "question": (
            "{hello}, wie stelle ich {product} richtig ein? {tail}",
            "{hello}, {product} spinnt {when}. Was kann ich tun?",
            "Weiß jemand, ob man {product} auch unterwegs benutzen kann? {tail}",
            "Gibt es für {product} noch Ersatzteile? {tail}",
            "Ist es normal, dass {product} {when} so lange braucht? {tail}",
        ),
        "praise": (
            "{product} läuft {when} wie am ersten Tag. {tail}",
            "Kleines Lob: {product} ist einfach gut gemacht. {tail}",
            "Ohne {product} möchte ich nicht mehr. {tail}",
            "Unser ganzer Chor nutzt jetzt {product}.",
        ),
        "help": (
            "Hatte ich auch. {product} ganz ausschalten, kurz warten, wieder an. {tail}",
            "Schau mal in den Einstellungen von {product} unter Ansicht, da ist der Schalter.",
            "Den Ring bei {product} andersherum einsetzen, dann passt es. {tail}",
        ),
        "thanks": (
            "Das war es, vielen Dank! {tail}",
            "Klappt wieder, danke dir. {tail}",
            "Super, danke für die schnelle Hilfe. {tail}",
        ),
        "brand_answer": (
            "Hallo! Bitte einmal {product} neu starten und kurz berichten, ob es hilft.",
            "Danke für die Frage. Bei {product} hilft meist eine gründliche Reinigung.",
        ),
        "brand_thanks": ("Danke für die lieben Worte zu {product}!",),
    },
    "fr": {
        "hello": ("Bonjour", "Salut", "Bonsoir", "Coucou", "Bonjour à tous"),
        "when": ("depuis hier", "depuis la mise à jour", "tous les matins", "depuis une semaine", "de temps en temps"),
        "tail": (
            "J'ai déjà tout redémarré.",
            "Merci d'avance !",
            "Rien ne presse.",
            "Mon frère a le même souci.",
            "Je m'en sers au bureau.",
            "Désolée si la question a déjà été posée.",
        ),
        "question": (
            "{hello}, comment régler {product} ? {tail}",
            "{hello}, {product} ne marche plus bien {when}. Une idée ?",
            "Est-ce que quelqu'un emporte {product} en voyage ? {tail}",
            "Où trouve-t-on des pièces pour {product} ? {tail}",
        ),
        "praise": (
            "Un an avec {product} et toujours ravie. {tail}",
            "{product}, c'est du solide. {tail}",
            "Petit mot gentil pour {product} : ça m'a sauvé la journée.",
            "Toute l'équipe s'est mise à {product}. {tail}",
        ),
        "help": (
            "Pareil chez moi : éteindre {product}, attendre une minute, rallumer. {tail}",
            "Regardez dans les réglages de {product}, tout en bas.",
            "Il faut remettre le joint de {product} dans l'autre sens. {tail}",
        ),
        "thanks": (
            "C'était ça, merci beaucoup ! {tail}",
            "Ça marche, merci pour votre temps. {tail}",
            "Parfait, mille mercis. {tail}",
        ),
        "brand_answer": (
            "Bonjour ! Essayez de relancer {product} et dites-nous.",
            "Merci pour la question sur {product}.",
        ),
        "brand_thanks": ("Merci pour ces mots sur {product} !",),
    },
    "tr": {
        "hello": ("Merhaba", "Selam", "Günaydın", "İyi akşamlar", "Herkese merhaba"),
        "when": ("dünden beri", "güncellemeden sonra", "her sabah", "bir haftadır", "ara sıra"),
        "tail": (
            "İki kere yeniden başlattım.",
            "Şimdiden teşekkürler!",
            "Acelesi yok.",
            "Kardeşimde de aynı sorun var.",
            "İşte her gün kullanıyorum.",
            "Kılavuzda bulamadım.",
        ),
        "question": (
            "{hello}, {product} nasıl ayarlanıyor? {tail}",
            "{hello}, {product} {when} düzgün çalışmıyor. Ne yapabilirim?",
            "{product} için yedek parça var mı? {tail}",
            "Yolculukta {product} kullanan var mı? {tail}",
        ),
        "praise": (
            "{product} ile bir yıl oldu, çok memnunum. {tail}",
            "{product} gerçekten güzel düşünülmüş. {tail}",
            "Bütün aile {product} kullanıyor artık.",
        ),
        "help": (
            "Bende de oldu: {product} kapatıp bir dakika bekleyin, sonra açın. {tail}",
            "{product} ayarlarında üçüncü sıraya bakın, orada.",
        ),
        "thanks": (
            "Çok teşekkürler, oymuş! {tail}",
            "Şimdi çalışıyor, elinize sağlık. {tail}",
            "Harika, sağ olun. {tail}",
        ),
        "brand_answer": ("Merhaba! {product} cihazını yeniden başlatıp bize yazar mısınız?",),
        "brand_thanks": ("{product} hakkındaki güzel sözleriniz için teşekkürler!",),
    },
    "ja": {
        "hello": ("こんにちは", "おはようございます", "はじめまして", "こんばんは"),
        "when": ("昨日から", "更新のあと", "毎朝", "先週から", "ときどき"),
        "tail": (
            "二回再起動しました。",
            "よろしくお願いします。",
            "急ぎではありません。",
            "妹のも同じです。",
            "職場で毎日使っています。",
            "説明書には載っていませんでした。",
        ),
        "question": (
            "{hello}。{product}の設定方法を教えてください。{tail}",
            "{product}が{when}うまく動きません。どうすればいいですか？{tail}",
            "{product}を旅行に持って行った方はいますか？{tail}",
            "{product}の部品はまだ買えますか？{tail}",
        ),
        "praise": (
            "{product}を使い始めて一年、とても満足です。{tail}",
            "{when}{product}のおかげで助かっています。",
            "{product}は本当によく考えられていますね。{tail}",
        ),
        "help": (
            "私も同じでした。{product}の電源を切って、一分待ってみてください。{tail}",
            "{product}の設定の三番目を見てください。そこにあります。",
        ),
        "thanks": (
            "直りました、ありがとうございます！ {tail}",
            "助かりました。{tail}",
            "それでした、感謝です。 {tail}",
        ),
        "brand_answer": ("こんにちは。{product}を再起動して、様子を教えてください。",),
        "brand_thanks": ("{product}へのうれしいお言葉、ありがとうございます！",),
    },
    "ar": {
        "hello": ("مرحبا", "السلام عليكم", "صباح الخير", "مساء الخير"),
        "when": ("منذ أمس", "بعد التحديث", "كل صباح", "منذ أسبوع", "أحيانا"),
        "tail": (
            "أعدت التشغيل مرتين.",
            "شكرا مقدما!",
            "لست مستعجلا.",
            "عند أختي نفس المشكلة.",
            "أستعمله كل يوم في العمل.",
            "لم أجد شيئا في الدليل.",
        ),
        "question": (
            "{hello}، كيف أضبط {product}؟ {tail}",
            "{hello}، {product} لا يعمل جيدا {when}. ماذا أفعل؟",
            "هل توجد قطع غيار لـ {product}؟ {tail}",
            "هل جرب أحدكم {product} في السفر؟ {tail}",
        ),
        "praise": (
            "سنة مع {product} وأنا سعيد جدا. {tail}",
            "{product} مصنوع بعناية حقا. {tail}",
            "كل العائلة تستعمل {product} الآن.",
        ),
        "help": (
            "حدث معي نفس الشيء: أطفئ {product} وانتظر دقيقة ثم شغله. {tail}",
            "انظر في إعدادات {product}، الخيار الثالث.",
        ),
        "thanks": ("نعم هذا هو الحل، شكرا جزيلا! {tail}", "يعمل الآن، شكرا على وقتك. {tail}", "ممتاز، شكرا. {tail}"),
        "brand_answer": ("مرحبا! جرب إعادة تشغيل {product} وأخبرنا بالنتيجة.",),
        "brand_thanks": ("شكرا على كلماتك الطيبة عن {product}!",),
    },
}

# Kinds of text that a speaker of another language says with the nearest kind above.
NEAREST: dict[str, str] = {
    "complaint": "question",
    "outage": "question",
    "feedback": "praise",
    "recommendation": "praise",
    "burst": "praise",
    "chat": "praise",
    "peer_chat": "praise",
    "detail": "question",
}

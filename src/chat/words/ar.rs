//! العربية.

use super::{Offers, Words};

pub(in crate::chat) static WORDS: Words = Words {
    begins: |id| {
        format!("المحادثة {id}؛ ‎/1 يضغط على المعروض؛ ‎/help يشرح المزيد؛ ‎/stop و‎/invite و‎/quit")
    },
    help: &[
        "‎/1، ‎/2 ...: اضغط على المعروض بهذا الرقم",
        "‎/form name=value ...: املأ نموذجًا",
        "‎/stop: أوقف الإجابة",
        "‎/invite: ادعُ شخصًا آخر",
        "‎/quit: اخرج",
        "كل ما عدا ذلك يُقال كما هو.",
    ],
    you: "أنت",
    lost: "انقطع الاتصال؛ تجري إعادة الاتصال ...",
    connected_again: "عاد الاتصال",
    ended: "انتهت المحادثة",
    closed: |why| format!("المحادثة مغلقة أمامك: {why}"),
    nobody_answers: |url, reason| {
        format!(
            "لا أحد يجيب على {url} ({reason}): ابدأ خادمًا بالأمر `convene serve`، أو حدّد مكانه بـ --url أو --listen"
        )
    },
    not_let_in: |url, why| format!("{url} لا يسمح لك بالدخول: {why}"),
    bad_token: "مفتاح الدخول ناقص أو قديم أو من خادم آخر؛ ينشئ الأمر `convene token` مفتاحًا",
    no_guests: "لا يدخله الضيوف: أعطِ مفتاحًا بالخيار --token؛ ينشئه الأمر `convene token`",
    cannot_begin: |why| format!("تعذّر بدء محادثة: {why}"),
    cannot_join: |why| format!("تعذّر الانضمام: {why}"),
    cannot_read: |why| format!("تعذّرت قراءة المحادثة: {why}"),
    not_said_yet: "لم يُقل بعد؛ سيُقال",
    not_said: |why| format!("لم يُقل: {why}"),
    no_answer_within: |seconds| format!("لم تأتِ إجابة خلال {seconds} ث"),
    getting_ready: |agent| format!("{agent} يستعد؛ ما قلته ينتظر"),
    tries_again: |agent, why| format!("{agent} سيحاول مجدّدًا: {why}"),
    has_no_answer: |agent, why| format!("{agent} ليس لديه إجابة: {why}"),
    taken_back: "فشلت تلك المحاولة؛ تجاهل كلماتها",
    stopped: "أُوقف",
    offers: Offers {
        fill_in: "أجب بالأمر ‎/form name=value ...",
        required: "مطلوب",
        text: "نص",
        email: "عنوان بريد إلكتروني",
        phone: "رقم هاتف",
        number: "عدد",
        integer: "عدد صحيح",
        boolean: "نعم أو لا",
        date: "يوم، مثل 2026-01-31",
        time: "وقت، مثل 14:30",
        one_of: |values| format!("واحد من {values}"),
        some_of: |values| format!("بعض من {values}، بفواصل"),
        within: |min, max| format!(" من {min} إلى {max}"),
        or_more: |min| format!("، {min} أو أكثر"),
        or_less: |max| format!("، {max} أو أقل"),
        yes: "نعم",
        no: "لا",
        closed: "ما عُرض أُغلق؛ قله بالكلمات",
        nothing: "لا شيء معروض هنا",
        no_form: "المعروض ليس نموذجًا",
        no_such: |typed| format!("لا يوجد {typed}"),
        no_field: |typed| format!("لا حقل في النموذج لـ {typed}"),
    },
};

"""What an import mends, finds and sets aside, each kind of it worded once, in Chinese and English."""

from __future__ import annotations

from typing import Final

REPAIR: Final = "repair"
ASIDE: Final = "aside"
IDENTITY: Final = "identity"
NOTE: Final = "note"

REMARKS: Final[dict[str, tuple[str, str, str]]] = {
    "encoding": (
        REPAIR,
        "文件不是 UTF-8，按所列编码读取",
        "the file is not UTF-8; read in the encoding named",
    ),
    "valueless-cells": (
        REPAIR,
        "工作簿中有公式没有算出的值，或有 #REF! 之类的错误；按空格读取，请在表格软件中打开、改正并另存",
        "cells of the workbook hold an error, or a formula without its value; read as empty: open, mend and save it",
    ),
    "bad-bytes": (
        REPAIR,
        "UTF-8 文件中有不合编码的字节，以 U+FFFD 代替；所列为首处和字节数",
        "bytes that are not UTF-8 in a file that is, read as U+FFFD; the first place and how many there are",
    ),
    "control-character": (
        REPAIR,
        "去掉了控制字符",
        "control characters were left out",
    ),
    "amount-text": (
        REPAIR,
        "金额写作文字，已换算为数字",
        "an amount in words or with signs; read as a number",
    ),
    "bad-amount": (
        REPAIR,
        "读不懂的金额，按“不详”记，原文保留",
        "an amount that cannot be read; unknown, kept as printed",
    ),
    "no-amount": (
        REPAIR,
        "写明没有金额，按“不详”记",
        "the file says that there is no amount; unknown",
    ),
    "negative-amount": (
        REPAIR,
        "金额为负，按“不详”记，原文保留",
        "an amount below zero; unknown, kept as printed",
    ),
    "no-currency": (
        REPAIR,
        "金额没有币种，记为 XXX",
        "an amount without a currency; kept as XXX",
    ),
    "unknown-currency": (
        REPAIR,
        "币种不在 ISO 4217 中，记为 XXX",
        "the currency is not in ISO 4217; kept as XXX",
    ),
    "currency-sign": (
        REPAIR,
        "币种取自金额的符号或文字",
        "the currency is taken from a sign or word",
    ),
    "date-order": (
        REPAIR,
        "日和月的先后不明，按所列理解",
        "day and month could be the other way round; read as shown",
    ),
    "date-form": (
        REPAIR,
        "日期不是 ISO 8601 格式，已换算",
        "a date in another form than ISO 8601; read as shown",
    ),
    "date-serial": (
        REPAIR,
        "日期写作 Excel 序号，已换算",
        "a date as Excel's serial number; read as shown",
    ),
    "bad-date": (
        REPAIR,
        "读不懂的日期，原样保留在 extra",
        "a date that cannot be read; kept in extra as printed",
    ),
    "end-before-start": (
        REPAIR,
        "结束早于开始，结束日期移入 extra",
        "the end is before the start; the end went to extra",
    ),
    "no-name": (
        REPAIR,
        "只有编号、没有名称，以编号为名",
        "an identifier without a name; the identifier stands for it",
    ),
    "no-identifier": (
        REPAIR,
        "没有编号，由内容生成",
        "a row without an identifier; one is made from what it says",
    ),
    "odd-identifier": (
        REPAIR,
        "编号含空格或过长等，另行生成，原文保留",
        "an identifier with spaces or too long; one is made, it is kept",
    ),
    "identifier-case": (
        REPAIR,
        "机构编号的大小写或空格已改正",
        "case or spaces of a register identifier were mended",
    ),
    "bad-identifier": (
        REPAIR,
        "统一社会信用代码校验不符，不作为编号使用",
        "a 统一社会信用代码 with wrong check digits; not used as one",
    ),
    "missing-title": (
        REPAIR,
        "没有标题（title），而标准要求有",
        "a grant without title, which the standard requires",
    ),
    "missing-description": (
        REPAIR,
        "没有说明（description），而标准要求有",
        "a grant without description, which the standard requires",
    ),
    "missing-amount": (
        REPAIR,
        "没有金额（amountAwarded），而标准要求有",
        "a grant without amountAwarded, which the standard requires",
    ),
    "missing-date": (
        REPAIR,
        "没有日期（awardDate），而标准要求有",
        "a grant without awardDate, which the standard requires",
    ),
    "no-recipient": (
        REPAIR,
        "没有受助方",
        "a row without a recipient",
    ),
    "no-funder": (
        REPAIR,
        "没有资助方",
        "a row without a funder",
    ),
    "both-recipients": (
        REPAIR,
        "既写机构又写个人为受助方，两者都保留",
        "an organisation and an individual as recipients; both kept",
    ),
    "currency-conflict": (
        REPAIR,
        "金额的符号与币种列不一致，以币种列为准",
        "the sign of an amount says another currency than its column; the column stands",
    ),
    "multi-year": (
        NOTE,
        "跨多年的款项，日期记为第一年",
        "a sum over several years; its date is the first of them",
    ),
    "unknown-precision": (
        REPAIR,
        "不认识的日期精度，日期按原样",
        "a precision of dates that is not known; the date stands as it is",
    ),
    "unknown-type": (
        REPAIR,
        "不认识的款项类型，记为资助",
        "a type of sum that is not known; kept as an award",
    ),
    "identifier-count": (
        REPAIR,
        "名称和编号的个数不同；编号不使用，保留在 extra",
        "not as many identifiers as names; not used, kept in extra",
    ),
    "contradicting-rows": (
        REPAIR,
        "同一项目的几行金额不同，按“不详”记",
        "rows of one project state different sums; unknown",
    ),
    "stated-total": (
        REPAIR,
        "申报表写明的合计与各行之和不同",
        "the total that the return states differs from the sum of its rows",
    ),
    "empty-element": (
        REPAIR,
        "既没有名称、也没有编号的一方",
        "a party with neither name nor identifier; left out",
    ),
    "unknown-role": (
        REPAIR,
        "不认识的角色，记为“其他”",
        "a role that is not known; kept as other",
    ),
    "unknown-kind": (
        REPAIR,
        "不认识的机构类别，由名称推断",
        "a kind that is not known; inferred from the name",
    ),
    "unknown-value": (
        REPAIR,
        "值不在取值表中，原样保留在 extra",
        "a value that is not on its list; kept in extra",
    ),
    "contradiction": (
        REPAIR,
        "同一编号的两笔款项在所列各项上不一致（先出现者在前）；两笔都保留，合计时都不计",
        "sums with one identifier differ in what is named, the first before the later; both kept, totals take neither",
    ),
    "contradicting-fields": (
        REPAIR,
        "同一编号的记录在所列一项上不一致（先出现者在前）；以先出现者为准，其余保留在 extra 的 also 中",
        "records with one identifier differ in what is named; the first stands, the later is kept in extra under also",
    ),
    "same-identifier": (
        NOTE,
        "前面已有同一编号的记录，归入同一项目",
        "an earlier record has this identifier; one project",
    ),
    "merged-rows": (
        NOTE,
        "几行编号相同、互为补充，合为一笔",
        "rows with one identifier that add to each other; one grant",
    ),
    "duplicate": (
        REPAIR,
        "与前面某行完全相同；保留并计数",
        "the same as an earlier row in everything; kept and counted",
    ),
    "repeated-grant": (
        REPAIR,
        "编号及各项与前面某行完全相同；同一笔资助的重复，只计一次",
        "the same as an earlier row, its identifier too; the same grant stated again, counted once",
    ),
    "individual": (
        NOTE,
        "受助方是个人；保留，但不在网页和排名中显示",
        "the recipient is an individual; kept, not shown or ranked",
    ),
    "internal-identifier": (
        NOTE,
        "发布者自编的机构编号，不作为登记编号",
        "a publisher's own number of a body; no register's, so it decides nothing",
    ),
    "regrant": (
        NOTE,
        "这笔钱用于再资助；受助方兼记为中介方",
        "money given to be passed on; the recipient is an intermediary too",
    ),
    "stated-by-default": (
        NOTE,
        "未写明的一方，按标准规定为报告机构",
        "the side that is not named is the reporting organisation, as the standard says",
    ),
    "not-read": (
        NOTE,
        "未读取的部分；见 docs/importing.md",
        "not read; see docs/importing.md",
    ),
    "row-above": (
        NOTE,
        "标题行以上的行，未读取",
        "a row above the one with the titles; not read",
    ),
    "sheet-not-read": (
        REPAIR,
        "工作表没有标准的标题行，未读取；所列为表名和行数",
        "a sheet without the standard's titles; not read; its name and how many rows it has",
    ),
    "identifier-names": (
        IDENTITY,
        "同一登记编号有不同名称；按编号作为一个机构，请核对",
        "one register identifier with different names; one body, as the identifier says: compare them",
    ),
    "kind-identifier": (
        IDENTITY,
        "文件写明的机构类别与统一社会信用代码的类别不一致（写明的在前）；以代码为准，请核对",
        "the stated kind of a body and that of its 统一社会信用代码 differ, the stated one first; the number decides",
    ),
    "internal-names": (
        IDENTITY,
        "同一自编编号有不同名称；未合并",
        "one number of the publisher's own with different names; not merged",
    ),
    "name-identifiers": (
        IDENTITY,
        "同一名称有不同登记编号；未合并，请核对",
        "one name with different register identifiers; not merged: compare them",
    ),
    "name-of-several": (
        IDENTITY,
        "此名称没有编号，而有编号的机构中不能确定是哪一个；单独保留",
        "a name without an identifier that bodies with identifiers bear too; kept apart",
    ),
    "joined-by-name": (
        NOTE,
        "此名称没有编号，与一个同名、有编号的机构归为一个",
        "a name without an identifier, taken for the one body that bears it",
    ),
    "ledger-conflict": (
        IDENTITY,
        "名称决定与登记编号相矛盾；以编号为准",
        "a decision about names contradicts the identifiers; these decide",
    ),
    "no-party": (
        ASIDE,
        "没有任何一方的名称或编号",
        "names neither a funder nor a recipient nor anyone else",
    ),
    "not-an-object": (
        ASIDE,
        "不是一条记录",
        "is no record",
    ),
    "unreadable-row": (
        ASIDE,
        "读不懂的记录",
        "a record that cannot be read",
    ),
    "repeated-titles": (
        ASIDE,
        "表头在表中又出现一次，不是资助",
        "the row of titles once more, no grant",
    ),
    "total-row": (
        ASIDE,
        "合计行，不是资助",
        "a row of totals, no grant",
    ),
    "case-number-twice": (
        ASIDE,
        "案例的编号前面已经用过；请换一个编号",
        "the number of another case; give this one its own",
    ),
    "no-participant": (
        ASIDE,
        "参与方没有名称，也没有登记号",
        "a participant without a name or an identifier",
    ),
    "no-project": (
        ASIDE,
        "没有项目名称或编号",
        "a row that names no project",
    ),
    "ragged-row": (
        ASIDE,
        "单元格比表头多",
        "more cells than the header has columns",
    ),
    "dropped-duplicate": (
        ASIDE,
        "与前面某行完全相同（--drop-duplicates）",
        "the same as an earlier row (--drop-duplicates)",
    ),
    "not-a-grant": (
        ASIDE,
        "贷款、利息、股权等，不是资助",
        "a loan, interest, equity or guarantee, no grant",
    ),
    "no-transaction-type": (
        ASIDE,
        "交易没有类型",
        "a transaction without a type that is known",
    ),
}
"""Code → what sort of thing it is, and how it is said in Chinese and in English.

`repair`: mended or odd, and what `--strict` stops at; `aside`: not used, also stopped at; `identity`:
who is who is for a person to look at, also stopped at; `note`: as it should be, but worth knowing.
"""

"""What people write, and which force they mean by it. Written by hand."""

from __future__ import annotations


def _pairs(table: str) -> list[tuple[str, str]]:
    return [(text, force) for text, force in (line.split(" = ") for line in table.strip().splitlines())]


WORDS = _pairs("""
herts = Hertfordshire Constabulary
Beds 2016 = Bedfordshire Police
cambs = Cambridgeshire Constabulary
notts = Nottinghamshire Police
leics = Leicestershire Police
lincs = Lincolnshire Police
northants = Northamptonshire Police
glos = Gloucestershire Constabulary
lancs = Lancashire Constabulary
hants = Hampshire and Isle of Wight Constabulary
Hampshire Constabulary = Hampshire and Isle of Wight Constabulary
Staffs = Staffordshire Police
warks = Warwickshire Police
Wilts = Wiltshire Police
GMP = Greater Manchester Police
Manchester police = Greater Manchester Police
TVP = Thames Valley Police
WMP = West Midlands Police
WYP = West Yorkshire Police
syp = South Yorkshire Police
nwp = North Wales Police
A&S = Avon and Somerset Police
Avon & Somerset Constabulary = Avon and Somerset Police
d & c = Devon & Cornwall Police
Devon and Cornwall = Devon & Cornwall Police
Dyfed Powys = Dyfed-Powys Police
the Met = Metropolitan Police Service
The Met Police = Metropolitan Police Service
the met = Metropolitan Police Service
MPS = Metropolitan Police Service
Scotland Yard = Metropolitan Police Service
the Met's response = Metropolitan Police Service
City police = City of London Police
East Sussex = Sussex Police
durham = Durham Constabulary
South Wales = South Wales Police
police scotland = Police Scotland
PSNI = Police Service of Northern Ireland
BTP = British Transport Police
Kent Police Service = Kent Police
kents grade = Kent Police
""")

MISSPELT = _pairs("""
humbersde = Humberside Police
Hertforshire = Hertfordshire Constabulary
bedforshire = Bedfordshire Police
merseside = Merseyside Police
Nothumbria = Northumbria Police
glouestershire = Gloucestershire Constabulary
west midlnds = West Midlands Police
thames vally police = Thames Valley Police
sussx = Sussex Police
south yorkshrie = South Yorkshire Police
hertfordshires = Hertfordshire Constabulary
""")

ORDINARY = """
The force met its targets
Met targets last year
They MET us
the Met Office
MPs asked
custody beds
the force staffs its desks
it wilts
the city centre
in the west
the West of the county
Kanye West
West End
forces in England and Wales
New South Wales
a survey of staff
a forest
Umbria
the winchester
the officers of the council
metropolitan boroughs
public transport
Chess and gloss
2016
""".strip().splitlines()

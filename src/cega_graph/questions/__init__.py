"""The competency questions: one file each, SPARQL or an analysis, in Chinese and English."""

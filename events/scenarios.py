"""The clinical scenarios of medical AI with their names in English and Chinese. The ids are stable."""

from __future__ import annotations

SCENARIOS: dict[str, tuple[str, str]] = {
    "lung_nodule": ("Lung nodule", "肺结节"),
    "diabetic_retinopathy": ("Diabetic retinopathy", "糖尿病视网膜病变"),
    "ct_ffr": ("CT-FFR", "冠脉CT血流储备分数"),
    "pneumonia": ("Pneumonia", "肺炎"),
    "coronary_stenosis": ("Coronary stenosis", "冠状动脉狭窄"),
    "fracture": ("Fracture", "骨折"),
    "bone_age": ("Bone age", "骨龄"),
    "intracranial_haemorrhage": ("Intracranial haemorrhage", "颅内出血"),
    "stroke": ("Ischaemic stroke", "缺血性脑卒中"),
    "glaucoma": ("Glaucoma", "青光眼"),
    "radiotherapy_contouring": ("Radiotherapy contouring", "放疗靶区勾画"),
    "colorectal_polyp": ("Colorectal polyp", "结直肠息肉"),
    "brain_tumour": ("Brain tumour", "脑肿瘤"),
    "ecg_arrhythmia": ("ECG arrhythmia", "心电/心律失常"),
    "thoracic_spine": ("Thoracic spine", "胸椎"),
    "breast": ("Breast lesion", "乳腺"),
    "cervical_cytology": ("Cervical cytology", "宫颈细胞学"),
    "thyroid_nodule": ("Thyroid nodule", "甲状腺结节"),
    "tuberculosis": ("Tuberculosis", "肺结核"),
    "liver_lesion": ("Liver lesion", "肝脏病变"),
    "prostate": ("Prostate", "前列腺"),
    "aneurysm": ("Intracranial aneurysm", "颅内动脉瘤"),
    "gastric_lesion": ("Gastric lesion", "胃部病变"),
    "macular_degeneration": ("Macular degeneration", "黄斑变性"),
    "coronary_calcium": ("Coronary calcium", "冠状动脉钙化"),
    "pulmonary_embolism": ("Pulmonary embolism", "肺栓塞"),
    "alzheimers": ("Alzheimer's and dementia", "阿尔茨海默病"),
    "sleep_apnoea": ("Sleep apnoea", "睡眠呼吸暂停"),
    "epilepsy": ("Epilepsy", "癫痫"),
    "chromosome_karyotype": ("Chromosome karyotype", "染色体核型"),
    "surgical_navigation": ("Surgical planning and navigation", "手术规划与导航"),
}
"""Scenario id → (English, Chinese)."""

"""Rule packs and the control catalogue: YAML to rules."""

from gonogo.rules.load import RuleSetError, check_rules, load_rules
from gonogo.rules.rule import Control, Fold, Relation, Rule, RuleSet

__all__ = ["Control", "Fold", "Relation", "Rule", "RuleSet", "RuleSetError", "check_rules", "load_rules"]

"""Kept while imports move to `gonogo.formats.yaml_reader`."""

from gonogo.formats.yaml_reader import Document as Document
from gonogo.formats.yaml_reader import YamlFile as YamlFile
from gonogo.formats.yaml_reader import read_yaml as read_yaml
from gonogo.formats.yaml_reader import scalar as scalar

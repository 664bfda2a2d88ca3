from rasa_sdk import Action

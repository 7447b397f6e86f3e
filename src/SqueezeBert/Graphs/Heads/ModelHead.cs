namespace SqueezeBert.Graphs.Heads;

/// <summary>What stands on top of an encoder.</summary>
internal enum ModelHead
{
    /// <summary>Nothing: hidden states and, where the architecture has one, the pooler.</summary>
    None,

    /// <summary>Logits per text from the pooled first token.</summary>
    SequenceClassification,

    /// <summary>Logits over the vocabulary per token, the decoder tied to the word embeddings.</summary>
    MaskedLanguageModel,

    /// <summary>Logits per token.</summary>
    TokenClassification,

    /// <summary>Two logits per token: the answer starts here, the answer ends here.</summary>
    QuestionAnswering,

    /// <summary>One logit per text; the texts of a question are compared with each other.</summary>
    MultipleChoice,

    /// <summary>Two logits per text: the second sentence follows the first (0), or does not (1).</summary>
    NextSentencePrediction,

    /// <summary>A masked language model and two logits per text about the order of its sentences.</summary>
    Pretraining,

    /// <summary>A logit per token: whether it was replaced.</summary>
    ReplacedTokenDetection,
}

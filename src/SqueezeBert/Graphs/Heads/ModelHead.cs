namespace SqueezeBert.Graphs.Heads;

/// <summary>The head on an encoder.</summary>
internal enum ModelHead
{
    /// <summary>No head: the outputs are hidden states and, if the architecture has one, the pooler output.</summary>
    None,

    /// <summary>Logits per text from the pooled first token.</summary>
    SequenceClassification,

    /// <summary>Logits over the vocabulary per token. The decoder is tied to the word embeddings.</summary>
    MaskedLanguageModel,

    /// <summary>Logits per token.</summary>
    TokenClassification,

    /// <summary>Two logits per token, for the start and the end of the answer.</summary>
    QuestionAnswering,

    /// <summary>One logit per text. The texts of a question are compared with each other.</summary>
    MultipleChoice,

    /// <summary>Two logits per text: whether the second sentence follows the first (0) or not (1).</summary>
    NextSentencePrediction,

    /// <summary>The masked language model together with two logits per text about the order of its sentences.</summary>
    Pretraining,

    /// <summary>One logit per token: whether it was replaced.</summary>
    ReplacedTokenDetection,
}

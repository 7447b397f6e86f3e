using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs;

/// <summary>From a configuration to the graph of its architecture with a head.</summary>
internal static class ModelGraph
{
    /// <param name="configuration">Any supported architecture.</param>
    /// <param name="head">What to put on the encoder.</param>
    /// <param name="languageModelRows">The rows that a masked language model's logits are wanted for.</param>
    /// <param name="usedVocabulary">
    /// Pieces of the tokenizer. Published files round the vocabulary up (30,522 to 30,528), and a masked language model gives the ids that
    /// no piece has negative infinity, so that they never win. Null keeps the reference's logits.
    /// </param>
    /// <param name="hasPooler">False for a bare encoder whose checkpoint has no pooler.</param>
    public static Graph Create(
        ModelConfiguration configuration,
        ModelHead head,
        RowSet languageModelRows = RowSet.SelectedTokens,
        int? usedVocabulary = null,
        bool hasPooler = true)
    {
        var g = new GraphBuilder(head == ModelHead.None ? "" : BasePrefix(configuration));
        var hidden = Encoder(g, configuration);
        g.Output(OutputNames.LastHiddenState, hidden);
        var readsTokens = head is ModelHead.TokenClassification or ModelHead.QuestionAnswering or ModelHead.MaskedLanguageModel;
        var pooled = readsTokens || !hasPooler ? null : Pooler(g, configuration, hidden);
        g.Prefix = "";
        switch (head)
        {
            case ModelHead.None:
                break;
            case ModelHead.SequenceClassification:
                SequenceClassificationHead.Build(g, configuration, pooled!, configuration.Labels.Count);
                break;
            case ModelHead.MultipleChoice:
                SequenceClassificationHead.Build(g, configuration, pooled!, 1);
                break;
            case ModelHead.TokenClassification:
                TokenClassificationHead.Build(g, configuration, hidden);
                break;
            case ModelHead.QuestionAnswering:
                QuestionAnsweringHead.Build(g, configuration, hidden);
                break;
            case ModelHead.MaskedLanguageModel:
                MaskedLanguageModelHead.Build(g, configuration, hidden, languageModelRows, OutputNames.Logits, usedVocabulary);
                break;
            case ModelHead.NextSentencePrediction:
                SentenceOrderHead.Build(g, configuration, pooled!, OutputNames.Logits);
                break;
            case ModelHead.Pretraining:
                MaskedLanguageModelHead.Build(g, configuration, hidden, languageModelRows, OutputNames.PredictionLogits, usedVocabulary);
                SentenceOrderHead.Build(g, configuration, pooled!, OutputNames.SentenceOrderLogits);
                break;
            default:
                throw new NotSupportedException($"no graph for the head {head}");
        }

        return g.Build(head);
    }

    /// <inheritdoc cref="ModelHeads.Of"/>
    public static ModelHead HeadOf(ModelConfiguration configuration) => ModelHeads.Of(configuration);

    /// <summary>Put before the encoder's names in a checkpoint that has a head.</summary>
    public static string BasePrefix(ModelConfiguration configuration) => configuration switch
    {
        SqueezeBertConfiguration or SeparableConfiguration => "transformer.",
        BertConfiguration => "bert.",
        DistilBertConfiguration => "distilbert.",
        MobileBertConfiguration => "mobilebert.",
        _ => throw Unsupported(configuration),
    };

    private static Node Encoder(GraphBuilder g, ModelConfiguration configuration) => configuration switch
    {
        SqueezeBertConfiguration c => SqueezeBertGraph.Encoder(g, c),
        SeparableConfiguration c => SeparableGraph.Encoder(g, c),
        BertConfiguration c => BertGraph.Encoder(g, c),
        DistilBertConfiguration c => DistilBertGraph.Encoder(g, c),
        MobileBertConfiguration c => MobileBertGraph.Encoder(g, c),
        _ => throw Unsupported(configuration),
    };

    /// <summary>tanh(W x + b) of the first token; MobileBERT may leave it out, DistilBERT has none.</summary>
    private static Node Pooler(GraphBuilder g, ModelConfiguration configuration, Node hidden)
    {
        var first = g.SelectRows(hidden, RowSet.FirstTokens);
        if (configuration is DistilBertConfiguration) return first;
        var pooled = configuration is MobileBertConfiguration { ClassifierActivation: false }
            ? first
            : g.Activate(g.Linear(first, "pooler.dense", hidden.Width), Activation.Tanh);
        g.Output(OutputNames.PoolerOutput, pooled);
        return pooled;
    }

    private static NotSupportedException Unsupported(ModelConfiguration configuration) =>
        new($"no graph for the model type '{configuration.ModelType}'");
}

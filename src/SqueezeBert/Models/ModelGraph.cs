using SqueezeBert.Checkpoints;

namespace SqueezeBert.Models;

/// <summary>From a configuration to the graph of its architecture with a head.</summary>
internal static class ModelGraph
{
    /// <param name="configuration">Any supported architecture.</param>
    /// <param name="head">What to put on the encoder.</param>
    /// <param name="languageModelRows">The rows that a masked language model's logits are wanted for.</param>
    public static Graph Create(ModelConfiguration configuration, ModelHead head, RowSet languageModelRows = RowSet.SelectedTokens)
    {
        var g = new GraphBuilder(head == ModelHead.None ? "" : BasePrefix(configuration));
        var hidden = Encoder(g, configuration);
        g.Output(OutputNames.LastHiddenState, hidden);
        var pooled = head == ModelHead.MaskedLanguageModel ? null : Pooler(g, configuration, hidden);
        g.Prefix = "";
        switch (head)
        {
            case ModelHead.SequenceClassification:
                SequenceClassification(g, configuration, pooled!);
                break;
            case ModelHead.MaskedLanguageModel:
                MaskedLanguageModelHead.Build(g, configuration, hidden, languageModelRows);
                break;
        }

        return g.Build();
    }

    /// <summary>The head that the configuration's architecture name stands for ("SqueezeBertForSequenceClassification").</summary>
    /// <exception cref="NotSupportedException">A head that has no graph; the message names it.</exception>
    public static ModelHead HeadOf(ModelConfiguration configuration)
    {
        var name = configuration.Architectures.Count > 0 ? configuration.Architectures[0] : "";
        return name switch
        {
            _ when name.EndsWith("ForSequenceClassification", StringComparison.Ordinal) => ModelHead.SequenceClassification,
            _ when name.EndsWith("ForMaskedLM", StringComparison.Ordinal) => ModelHead.MaskedLanguageModel,
            _ when name.Length == 0 || name.EndsWith("Model", StringComparison.Ordinal) => ModelHead.None,
            _ => throw new NotSupportedException($"architecture '{name}' has a head that is not supported; supported are Model, ForSequenceClassification and ForMaskedLM"),
        };
    }

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

    private static void SequenceClassification(GraphBuilder g, ModelConfiguration configuration, Node pooled)
    {
        if (configuration is DistilBertConfiguration) pooled = g.Activate(g.Linear(pooled, "pre_classifier", pooled.Width), Activation.Relu);
        var dropout = g.Dropout(pooled, (float)(configuration.ClassifierDropout ?? configuration.HiddenDropout));
        g.Output(OutputNames.Logits, g.Linear(dropout, "classifier", configuration.Labels.Count));
    }

    private static NotSupportedException Unsupported(ModelConfiguration configuration) => new($"no graph for the model type '{configuration.ModelType}'");
}

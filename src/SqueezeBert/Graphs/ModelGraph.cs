using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs;

/// <summary>Creates the graph of a configuration's architecture with a head.</summary>
internal static class ModelGraph
{
    /// <param name="configuration">The configuration of any supported architecture.</param>
    /// <param name="head">The head on the encoder.</param>
    /// <param name="languageModelRows">The rows for which a masked language model computes logits.</param>
    /// <param name="usedVocabulary">
    /// The number of tokens of the tokenizer. Published files round the vocabulary size up (30,522 to 30,528). A masked language model then
    /// gives negative infinity to ids without a token, so that they never win. Null keeps the logits of the reference.
    /// </param>
    /// <param name="hasPooler">False for a bare encoder whose checkpoint has no pooler.</param>
    /// <param name="namedHeads">
    /// The named heads of the configuration that are built in addition to <paramref name="head"/>. Null builds none.
    /// </param>
    /// <exception cref="UnsupportedModelException">The architecture has no such head. The message lists the heads that it has.</exception>
    public static Graph Create(
        ModelConfiguration configuration,
        ModelHead head,
        RowSet languageModelRows = RowSet.SelectedTokens,
        int? usedVocabulary = null,
        bool hasPooler = true,
        IReadOnlyList<HeadConfiguration>? namedHeads = null)
    {
        namedHeads ??= [];
        var architecture = SupportedArchitectures.Of(configuration);
        var descriptor = ModelHeads.Find(head, architecture);
        var named = namedHeads.Select(own => ModelHeads.Find(NamedHeads.HeadOf(own), architecture)).ToList();
        var prefix = head == ModelHead.None ? "" : architecture.Prefix;
        var g = new GraphBuilder(prefix);
        var hidden = architecture.Encoder(g, configuration);
        g.Output(OutputNames.LastHiddenState, hidden);
        var first = (descriptor.Input == HeadInput.FirstToken && hasPooler) || named.Any(own => own.Input == HeadInput.FirstToken)
            ? architecture.FirstToken(g, configuration, hidden) : null;
        g.Prefix = "";
        var context = new HeadContext(g, prefix, architecture, configuration, hidden, first, languageModelRows, usedVocabulary);
        descriptor.Build(context);
        for (var i = 0; i < named.Count; i++)
        {
            g.Prefix = NamedHeads.ParameterPrefix(namedHeads[i]);
            g.OutputPrefix = NamedHeads.OutputPrefix(namedHeads[i]);
            named[i].Build(context with { Configuration = configuration.For(namedHeads[i]) });
        }

        return g.Build(head, namedHeads);
    }

    /// <summary>Creates the graph with all heads that the configuration describes: that of its class, and the named ones.</summary>
    /// <inheritdoc cref="Create"/>
    public static Graph CreateWhole(
        ModelConfiguration configuration, RowSet languageModelRows = RowSet.SelectedTokens, bool hasPooler = true) =>
        Create(configuration, HeadOf(configuration), languageModelRows, hasPooler: hasPooler, namedHeads: configuration.NamedHeads);

    /// <inheritdoc cref="ModelHeads.Of"/>
    public static ModelHead HeadOf(ModelConfiguration configuration) => ModelHeads.Of(configuration);

    /// <summary>Determines which tokens of a text the model's encoder reads.</summary>
    public static TextReading ReadingOf(ModelConfiguration configuration) =>
        SupportedArchitectures.Of(configuration).ReadingOf(configuration);

    /// <summary>The prefix of the encoder's names in a checkpoint that has a head.</summary>
    public static string BasePrefix(ModelConfiguration configuration) => SupportedArchitectures.Of(configuration).Prefix;
}

using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Architectures;

/// <summary>
/// All that is known of an architecture besides its configuration: how its encoder is built, what its tensors are called, which heads it
/// has and where they differ from BERT's, its sizes. A new one derives from <see cref="Architecture{T}"/> and stands in
/// <see cref="SupportedArchitectures"/>. Without state.
/// </summary>
/// <param name="layout">Its configuration's: the model type and the names of the classes.</param>
/// <param name="prefix">Put before the encoder's names in a checkpoint that has a head ("bert.").</param>
internal abstract class Architecture(ConfigurationLayout layout, string prefix)
{
    /// <summary>The word embeddings, without prefix.</summary>
    public const string Words = "embeddings.word_embeddings.weight";

    public ConfigurationLayout Layout { get; } = layout;

    public string Prefix { get; } = prefix;

    /// <summary>Heads of its classes in transformers, or what takes their place.</summary>
    public virtual IReadOnlyList<ModelHead> Heads =>
    [
        ModelHead.None, ModelHead.SequenceClassification, ModelHead.TokenClassification, ModelHead.QuestionAnswering,
        ModelHead.MultipleChoice, ModelHead.MaskedLanguageModel, ModelHead.NextSentencePrediction, ModelHead.Pretraining,
    ];

    /// <summary>Whether the first token goes through a layer of the encoder's own before it stands for its text.</summary>
    public virtual bool HasPooler => true;

    /// <summary>Sizes that papers and published checkpoints use; the model type itself, for the defaults, need not be among them.</summary>
    public virtual IReadOnlyList<(string Name, Func<ModelConfiguration> Make)> Sizes => [];

    /// <summary>The rows of a new model's word embeddings are a multiple of this.</summary>
    public virtual int VocabularyMultiple => 1;

    /// <summary>Factor on the matrices of <see cref="FormulaParameters"/>: less than 1 where no norm holds the activations.</summary>
    public virtual float FormulaGain => 1;

    /// <summary>The language model's last layer; its weight is the word embeddings where the configuration ties the two.</summary>
    public virtual string Decoder => "cls.predictions.decoder";

    /// <summary>What the decoder's bias is called where the decoder is tied.</summary>
    public virtual string TiedDecoderBias => "cls.predictions.bias";

    /// <summary>Which tokens of a text the encoder reads.</summary>
    public virtual TextReading ReadingOf(ModelConfiguration c) => TextReading.Usual;

    /// <summary>The graph's name of a tensor that checkpoints call by another one too; names without the prefix.</summary>
    public virtual string Canonical(string name) => name;

    /// <summary>Builds the encoder; returns the last hidden state.</summary>
    public abstract Node Encoder(GraphBuilder g, ModelConfiguration c);

    /// <summary>What stands for a text: its first token, through the pooler if there is one.</summary>
    public Node FirstToken(GraphBuilder g, ModelConfiguration c, Node hidden)
    {
        var first = g.SelectRows(hidden, RowSet.FirstTokens);
        if (!HasPooler) return first;
        var pooled = Pooler(g, c, first);
        g.Output(OutputNames.PoolerOutput, pooled);
        return pooled;
    }

    /// <summary>From <see cref="FirstToken"/> to logits of a text.</summary>
    public virtual Node TextClassifier(GraphBuilder g, ModelConfiguration c, Node first, int outputs) =>
        g.Linear(g.Dropout(first, (float)(c.ClassifierDropout ?? c.HiddenDropout)), "classifier", outputs);

    /// <summary>Before the classifier of tokens.</summary>
    public virtual double TokenDropout(ModelConfiguration c) => c.ClassifierDropout ?? c.HiddenDropout;

    /// <summary>Before the logits of spans.</summary>
    public virtual double SpanDropout(ModelConfiguration c) => 0;

    /// <summary>From hidden states to what the language model's decoder reads.</summary>
    public virtual Node DecoderInput(GraphBuilder g, ModelConfiguration c, Node hidden) => MaskedLanguageModelHead.Transform(
        g, hidden, "cls.predictions.transform.dense", c.HiddenActivation, "cls.predictions.transform.LayerNorm",
        (float)c.LayerNormEpsilon, hidden.Width);

    /// <summary>The decoder's weight, given the word embeddings or a matrix of their shape.</summary>
    public virtual ParameterExpression DecoderWeight(GraphBuilder g, ModelConfiguration c, Parameter words) => words;

    /// <summary>tanh(W x + b).</summary>
    protected virtual Node Pooler(GraphBuilder g, ModelConfiguration c, Node first) =>
        g.Activate(g.Linear(first, "pooler.dense", first.Width), Activation.Tanh);
}

/// <summary>An architecture by the type of its configuration.</summary>
internal abstract class Architecture<TConfiguration>(ConfigurationLayout layout, string prefix) : Architecture(layout, prefix)
    where TConfiguration : ModelConfiguration
{
    public sealed override Node Encoder(GraphBuilder g, ModelConfiguration c) => Encoder(g, (TConfiguration)c);

    /// <inheritdoc cref="Architecture.Encoder"/>
    protected abstract Node Encoder(GraphBuilder g, TConfiguration c);
}

using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Architectures;

/// <summary>
/// Everything that defines an architecture besides its configuration: how its encoder is built, the names of its tensors, its heads, the
/// differences of its heads from those of BERT, and its sizes. A new architecture derives from <see cref="Architecture{T}"/> and is listed
/// in <see cref="SupportedArchitectures"/>. Stateless.
/// </summary>
/// <param name="layout">The layout of its configuration: the model type and the names of the classes.</param>
/// <param name="prefix">The prefix of the encoder's names in a checkpoint that has a head ("bert.").</param>
internal abstract class Architecture(ConfigurationLayout layout, string prefix)
{
    /// <summary>The name of the word embeddings, without prefix.</summary>
    public const string Words = "embeddings.word_embeddings.weight";

    public ConfigurationLayout Layout { get; } = layout;

    public string Prefix { get; } = prefix;

    /// <summary>The heads of its classes in transformers, or their equivalents.</summary>
    public virtual IReadOnlyList<ModelHead> Heads =>
    [
        ModelHead.None, ModelHead.SequenceClassification, ModelHead.TokenClassification, ModelHead.QuestionAnswering,
        ModelHead.MultipleChoice, ModelHead.MaskedLanguageModel, ModelHead.NextSentencePrediction, ModelHead.Pretraining,
    ];

    /// <summary>Whether the encoder has a pooler, which transforms the first token before it represents the text.</summary>
    public virtual bool HasPooler => true;

    /// <summary>The sizes of papers and published checkpoints. The model type, for the default size, need not be listed.</summary>
    public virtual IReadOnlyList<(string Name, Func<ModelConfiguration> Make)> Sizes => [];

    /// <summary>The number of rows of a new model's word embeddings is a multiple of this.</summary>
    public virtual int VocabularyMultiple => 1;

    /// <summary>The factor of the matrices of <see cref="FormulaParameters"/>. It is below 1 if no norm limits the activations.</summary>
    public virtual float FormulaGain => 1;

    /// <summary>The last layer of the language model. Its weight is that of the word embeddings if the configuration ties them.</summary>
    public virtual string Decoder => "cls.predictions.decoder";

    /// <summary>The name of the decoder's bias if the decoder is tied.</summary>
    public virtual string TiedDecoderBias => "cls.predictions.bias";

    /// <summary>Determines which tokens of a text the encoder reads.</summary>
    public virtual TextReading ReadingOf(ModelConfiguration c) => TextReading.Usual;

    /// <summary>Returns the graph's name of a tensor that checkpoints may call differently. Names are without the prefix.</summary>
    public virtual string Canonical(string name) => name;

    /// <summary>Builds the encoder and returns the last hidden state.</summary>
    public abstract Node Encoder(GraphBuilder g, ModelConfiguration c);

    /// <summary>Returns the representation of a text: its first token, after the pooler if there is one.</summary>
    public Node FirstToken(GraphBuilder g, ModelConfiguration c, Node hidden)
    {
        var first = g.SelectRows(hidden, RowSet.FirstTokens);
        if (!HasPooler) return first;
        var pooled = Pooler(g, c, first);
        g.Output(OutputNames.PoolerOutput, pooled);
        return pooled;
    }

    /// <summary>Builds the layers from <see cref="FirstToken"/> to the logits of a text.</summary>
    public virtual Node TextClassifier(GraphBuilder g, ModelConfiguration c, Node first, int outputs) =>
        g.Linear(g.Dropout(first, (float)(c.ClassifierDropout ?? c.HiddenDropout)), "classifier", outputs);

    /// <summary>The dropout probability before the token classifier.</summary>
    public virtual double TokenDropout(ModelConfiguration c) => c.ClassifierDropout ?? c.HiddenDropout;

    /// <summary>The dropout probability before the logits of answer spans.</summary>
    public virtual double SpanDropout(ModelConfiguration c) => 0;

    /// <summary>Builds the layers from hidden states to the input of the language model's decoder.</summary>
    public virtual Node DecoderInput(GraphBuilder g, ModelConfiguration c, Node hidden) => MaskedLanguageModelHead.Transform(
        g, hidden, "cls.predictions.transform.dense", c.HiddenActivation, "cls.predictions.transform.LayerNorm",
        (float)c.LayerNormEpsilon, hidden.Width);

    /// <summary>Returns the weight of the decoder, given the word embeddings or a matrix of their shape.</summary>
    public virtual ParameterExpression DecoderWeight(GraphBuilder g, ModelConfiguration c, Parameter words) => words;

    /// <summary>Builds the pooler: tanh(W x + b).</summary>
    protected virtual Node Pooler(GraphBuilder g, ModelConfiguration c, Node first) =>
        g.Activate(g.Linear(first, "pooler.dense", first.Width), Activation.Tanh);
}

/// <summary>An architecture with the type of its configuration.</summary>
internal abstract class Architecture<TConfiguration>(ConfigurationLayout layout, string prefix) : Architecture(layout, prefix)
    where TConfiguration : ModelConfiguration
{
    public sealed override Node Encoder(GraphBuilder g, ModelConfiguration c) => Encoder(g, (TConfiguration)c);

    /// <inheritdoc cref="Architecture.Encoder"/>
    protected abstract Node Encoder(GraphBuilder g, TConfiguration c);
}

using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Onnx.Format;
using SqueezeBert.ModelFolders.Onnx.Layers;
using SqueezeBert.ModelFolders.Onnx.Operators;

namespace SqueezeBert.ModelFolders.Onnx.Recognition;

/// <summary>
/// The roles of a file's outputs. They are determined by how the outputs are computed, because their names are not reliable.
/// </summary>
/// <param name="Head">The head on the encoder.</param>
/// <param name="Layers">The layers of the outputs, by their names in the project's own graph.</param>
/// <param name="LabelCount">The number of logits of a text or token, or 0 if the head has no labels.</param>
internal sealed record OutputRoles(ModelHead Head, IReadOnlyDictionary<string, Layer> Layers, int LabelCount)
{
    /// <param name="interpreter">The interpreted graph.</param>
    /// <param name="pool">The constants of the graph.</param>
    /// <param name="file">The name of the file in messages.</param>
    /// <param name="declared">The head that config.json names, which decides between similar heads.</param>
    public static OutputRoles Find(OnnxInterpreter interpreter, ConstantPool pool, string file, ModelHead? declared)
    {
        Layer? hidden = null, pooler = null, tokens = null, texts = null, choices = null, words = null, start = null, end = null;
        foreach (var (name, value) in interpreter.Outputs)
        {
            // A vector for each text, which pipelines make themselves.
            if (name == "sentence_embedding") continue;
            if (value is UnknownValue unknown)
                throw new InvalidModelFileException(file, null, unknown.Node is null ? unknown.Reason
                    : $"{unknown.Node} is not supported: {unknown.Reason}");
            var node = new OnnxNode { Operation = "Identity", Outputs = { name } };
            var layer = value is ActivationValue x
                ? new OperatorCall(node, [x], pool, interpreter.Layers, new OnnxBatch(1, 1, false), 1).Settle(x) : null;
            if (layer is null) throw new InvalidModelFileException(file, null, $"its output '{name}' is none that a supported model has");
            if (((ActivationValue)value).Axes.Has(AxisKind.Token))
            {
                switch (layer)
                {
                    case ScoresLayer or MaskedScoresLayer:
                        break;
                    case LinearLayer { IsConvolution: false } linear when IsWordTransform(linear.X):
                        words = layer;
                        break;
                    case LinearLayer { IsConvolution: false }:
                        tokens = layer;
                        break;
                    case ColumnsLayer { Start: 0, Width: 1, X: LinearLayer { Width: 2 } logits }:
                        start = logits;
                        break;
                    case ColumnsLayer { Start: 1, Width: 1, X: LinearLayer { Width: 2 } logits }:
                        end = logits;
                        break;
                    default:
                        // Exports with all hidden states: the last is the deepest.
                        if (hidden is null || layer.Id > hidden.Id) hidden = layer;
                        break;
                }
            }
            else
            {
                switch (layer)
                {
                    case UnaryLayer { Kind: UnaryKind.Choices, X: var logits }:
                        choices = logits;
                        break;
                    case ActivationLayer { Activation: Activation.Tanh } or UnaryLayer { Kind: UnaryKind.FirstToken }:
                        pooler = layer;
                        break;
                    case LinearLayer:
                        texts = layer;
                        break;
                    default:
                        throw new InvalidModelFileException(file, null,
                            $"its output '{name}' is none that a supported model has: it ends with {layer.Origin}");
                }
            }
        }

        if (start is not null && ReferenceEquals(start, end)) return Logits(ModelHead.QuestionAnswering, start, 0);
        if (start is not null || end is not null)
            throw new InvalidModelFileException(file, null, "has logits for the start or the end of an answer, but not for both");
        if (words is not null && texts is not null)
            return new OutputRoles(ModelHead.Pretraining, new Dictionary<string,
                Layer>
            { [OutputNames.PredictionLogits] = words, [OutputNames.SentenceOrderLogits] = texts }, 0);
        if (words is not null) return Logits(ModelHead.MaskedLanguageModel, words, 0);
        if (tokens is LinearLayer { Width: 1, X: ActivationLayer }) return Logits(ModelHead.ReplacedTokenDetection, tokens, 0);
        if (tokens is { Width: 2 } && declared == ModelHead.QuestionAnswering) return Logits(ModelHead.QuestionAnswering, tokens, 0);
        if (tokens is not null) return Logits(ModelHead.TokenClassification, tokens, tokens.Width);
        if (choices is not null) return Logits(ModelHead.MultipleChoice, choices, 0);
        if (texts is { Width: 1 } && declared == ModelHead.MultipleChoice) return Logits(ModelHead.MultipleChoice, texts, 0);
        if (texts is { Width: 2 } && declared == ModelHead.NextSentencePrediction)
            return Logits(ModelHead.NextSentencePrediction, texts, 0);
        if (texts is not null) return Logits(ModelHead.SequenceClassification, texts, texts.Width);
        var layers = new Dictionary<string, Layer>();
        if (pooler is not null)
        {
            layers[OutputNames.PoolerOutput] = pooler;
            var first = pooler is ActivationLayer { X: LinearLayer { X: var pooled } } ? pooled : pooler;
            hidden ??= first is UnaryLayer { Kind: UnaryKind.FirstToken, X: var encoder } ? encoder : null;
        }

        if (hidden is not null) layers[OutputNames.LastHiddenState] = hidden;
        return layers.Count > 0 ? new OutputRoles(ModelHead.None, layers, 0)
            : throw new InvalidModelFileException(file, null, "has no output that a supported model has");
    }

    private static OutputRoles Logits(ModelHead head, Layer logits, int labels) =>
        new(head, new Dictionary<string, Layer> { [OutputNames.Logits] = logits }, labels);

    /// <summary>
    /// Returns whether a layer is a norm of an activation of a linear layer, which a masked language model has before its decoder. The norm
    /// of an encoder is that of a sum.
    /// </summary>
    private static bool IsWordTransform(Layer x) => x is NormLayer { X: ActivationLayer { X: LinearLayer } or LinearLayer };
}

using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.ModelFolders.Onnx.Writing;

/// <summary>
/// Writes softmax(scale · q·kᵀ + mask)·v with heads as a separate dimension, in the layout of the inputs. Shapes are constants, the factor
/// is a division, and the softmax has axis 3. ONNX Runtime's optimizer replaces this form by one operator.
/// </summary>
internal sealed class AttentionWriter(OnnxFile file, ModelInputs inputs)
{
    /// <summary>Writes the attention and returns its result in the layout of the inputs.</summary>
    public string Write(AttentionNode node, Layout layout, string query, string key, string value)
    {
        var isChannels = layout == Layout.Channels;
        var width = node.Width / node.Heads;
        var split = isChannels ? file.Integers(0, node.Heads, width, -1) : file.Integers(0, 0, node.Heads, width);
        string Heads(string input, params long[] order)
        {
            var heads = file.Add("Reshape", [input, split]);
            return order.Length == 0 ? heads : file.Add("Transpose", [heads], ("perm", order));
        }

        // [batch, heads, tokens, width] of queries and values, [batch, heads, width, tokens] of keys.
        var (q, k, v) = isChannels
            ? (Heads(query, 0, 1, 3, 2), Heads(key), Heads(value, 0, 1, 3, 2))
            : (Heads(query, 0, 2, 1, 3), Heads(key, 0, 2, 3, 1), Heads(value, 0, 2, 1, 3));
        var scores = file.Add("Div", [file.Add("MatMul", [q, k]), file.Scalar(1 / node.Scale)]);
        var probabilities = file.Add("Softmax", [file.Add("Add", [scores, inputs.ScoreMask])], ("axis", 3L));
        var context = file.Add("Transpose", [file.Add("MatMul", [probabilities, v])],
            ("perm", isChannels ? new[] { 0L, 1, 3, 2 } : [0L, 2, 1, 3]));
        return file.Add("Reshape", [context, isChannels ? file.Integers(0, node.Width, -1) : file.Integers(0, 0, node.Width)]);
    }
}

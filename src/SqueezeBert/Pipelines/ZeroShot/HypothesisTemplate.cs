using System.Text;

namespace SqueezeBert.Pipelines.ZeroShot;

/// <summary>
/// A sentence with a placeholder for the label, in the notation of Python's format, which the reference uses. {} or any number of {0} is
/// the label, and {{ and }} are literal braces.
/// </summary>
internal sealed class HypothesisTemplate
{
    /// <summary>The texts between the placeholders.</summary>
    private readonly List<string> _texts = [];

    /// <exception cref="ArgumentException">There is no placeholder, or there is something else between braces.</exception>
    public HypothesisTemplate(string template)
    {
        var text = new StringBuilder();
        var hasUnnumbered = false;
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] is not ('{' or '}'))
            {
                text.Append(template[i]);
                continue;
            }

            if (i + 1 < template.Length && template[i + 1] == template[i])
            {
                text.Append(template[i++]);
                continue;
            }

            var rest = template.AsSpan(i);
            var isNumbered = rest.StartsWith("{0}", StringComparison.Ordinal);
            if (!isNumbered && !rest.StartsWith("{}", StringComparison.Ordinal))
                throw Error("has a single brace; {} or {0} is the place of the label, and {{ and }} are braces in the text");
            if (_texts.Count > 0 && (hasUnnumbered || !isNumbered))
                throw Error("has several places, but there is one label; write {0} for each of them");
            hasUnnumbered = !isNumbered;
            _texts.Add(text.ToString());
            text.Clear();
            i += isNumbered ? 2 : 1;
        }

        if (_texts.Count == 0) throw Error("has no {} for the label, so that all hypotheses would be the same");
        _texts.Add(text.ToString());

        ArgumentException Error(string reason) => new($"the template '{template}' {reason}", nameof(template));
    }

    /// <summary>Returns the sentence for a label.</summary>
    public string Fill(string label) => string.Join(label, _texts);
}

using System.Linq.Expressions;
using System.Reflection;

namespace SqueezeBert.Extensions.AI.Vectors;

/// <summary>The property that an expression chooses: <c>r => r.Vector</c>, or <c>r => r["Vector"]</c> of a dictionary.</summary>
internal static class PropertyName
{
    /// <exception cref="InvalidOperationException">It chooses none.</exception>
    public static string? Of<TRecord>(Expression<Func<TRecord, object?>>? selector)
    {
        if (selector is null) return null;
        var body = selector.Body;
        while (body is UnaryExpression { NodeType: ExpressionType.Convert } convert) body = convert.Operand;
        return body switch
        {
            MemberExpression { Member: PropertyInfo property, Expression: ParameterExpression } => property.Name,
            MethodCallExpression { Method.Name: "get_Item", Object: ParameterExpression, Arguments: [var name] } => Value(name),
            _ => throw new InvalidOperationException($"{selector} does not choose a property of the record"),
        };
    }

    private static string? Value(Expression name) =>
        name is ConstantExpression { Value: string text } ? text : Expression.Lambda<Func<string>>(name).Compile()();
}

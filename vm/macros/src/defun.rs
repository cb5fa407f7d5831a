//! `#[defun]` and `subrs!`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, ExprLit, FnArg, GenericArgument, Ident, ItemFn, Lit, Meta, Path, PathArguments, Token, Type};

/// What stands in the attribute's parentheses.
#[derive(Default)]
struct Options {
    name: Option<String>,
    min: Option<u8>,
    special: bool,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Options> {
        let mut options = Options::default();
        for meta in Punctuated::<Meta, Token![,]>::parse_terminated(input)? {
            match &meta {
                Meta::Path(path) if path.is_ident("special") => options.special = true,
                Meta::NameValue(pair) if pair.path.is_ident("name") => match &pair.value {
                    Expr::Lit(ExprLit { lit: Lit::Str(s), .. }) => options.name = Some(s.value()),
                    other => return Err(Error::new_spanned(other, "the Lisp name is a string")),
                },
                Meta::NameValue(pair) if pair.path.is_ident("min") => match &pair.value {
                    Expr::Lit(ExprLit { lit: Lit::Int(n), .. }) => options.min = Some(n.base10_parse()?),
                    other => return Err(Error::new_spanned(other, "the least number of arguments is a number")),
                },
                other => return Err(Error::new_spanned(other, "expected `name = \"...\"`, `min = N` or `special`")),
            }
        }
        Ok(options)
    }
}

/// How a parameter is fed.
enum Parameter {
    Required(Type),
    Optional(Type),
    Rest,
}

/// Whether a type's last path segment is `name`.
fn is_named(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(p) if p.path.segments.last().is_some_and(|s| s.ident == name))
}

/// The type in `Option<...>`.
fn option_of(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|s| s.ident == "Option")?;
    let PathArguments::AngleBracketed(args) = &last.arguments else { return None };
    args.args.iter().find_map(|a| if let GenericArgument::Type(t) = a { Some(t.clone()) } else { None })
}

/// The mutability of a `&Context` type.
fn context(ty: &Type) -> Option<bool> {
    match ty {
        Type::Reference(r) if is_named(&r.elem, "Context") => Some(r.mutability.is_some()),
        _ => None,
    }
}

fn constant_name(function: &Ident) -> Ident {
    let name = function.to_string();
    format_ident!("SUBR_{}", name.trim_start_matches("r#").to_uppercase())
}

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let options: Options = syn::parse2(attribute)?;
    let function: ItemFn = syn::parse2(item)?;
    let ident = &function.sig.ident;
    let default_name = ident.to_string().trim_start_matches("r#").replace('_', "-");
    let name = options.name.unwrap_or(default_name);
    let doc = doc_string(&function);
    let mut types: Vec<&Type> = Vec::new();
    for input in &function.sig.inputs {
        match input {
            FnArg::Typed(pattern) => types.push(&pattern.ty),
            FnArg::Receiver(r) => return Err(Error::new_spanned(r, "a primitive is no method")),
        }
    }
    let takes_context = types.last().and_then(|ty| context(ty));
    if takes_context.is_some() {
        types.pop();
    }
    let collects = takes_context == Some(true);
    let parameters = parameters(&types, collects)?;
    let body = if options.special {
        let min = options.min.unwrap_or(0);
        quote! {
            fn wrapper(args: ::tenure_gc::Args<'_>, cx: &mut ::tenure_gc::Context) -> ::tenure_gc::CallResult {
                #ident(args.root(0), cx)
            }
            ::tenure_gc::SubrInfo { name: #name, min: #min, max: ::tenure_gc::MaxArgs::Unevalled,
                function: ::tenure_gc::Subr::Special(wrapper), doc: #doc }
        }
    } else {
        let required = parameters.iter().filter(|p| matches!(p, Parameter::Required(_))).count() as u8;
        let min = options.min.unwrap_or(required);
        let rest = matches!(parameters.last(), Some(Parameter::Rest));
        let max = if rest {
            quote!(::tenure_gc::MaxArgs::Many)
        } else {
            let n = parameters.len() as u8;
            quote!(::tenure_gc::MaxArgs::Fixed(#n))
        };
        let (wrapper, variant) = if collects {
            (calling_wrapper(ident, &parameters), quote!(Call))
        } else {
            pure_wrapper(ident, &parameters, takes_context.is_some())
        };
        quote! {
            #wrapper
            ::tenure_gc::SubrInfo { name: #name, min: #min, max: #max,
                function: ::tenure_gc::Subr::#variant(wrapper), doc: #doc }
        }
    };
    let constant = constant_name(ident);
    let visibility = &function.vis;
    let constant_doc = format!("The table row of the primitive `{name}`.");
    Ok(quote! {
        #function
        #[doc = #constant_doc]
        #visibility const #constant: ::tenure_gc::SubrInfo = { #body };
    })
}

fn parameters(types: &[&Type], collects: bool) -> syn::Result<Vec<Parameter>> {
    let rest_type = if collects { "Args" } else { "Slots" };
    let mut parameters = Vec::new();
    for (i, &ty) in types.iter().enumerate() {
        let inner = option_of(ty);
        let held = inner.as_ref().unwrap_or(ty);
        if collects && is_named(held, "Object") {
            return Err(Error::new_spanned(
                ty,
                "a primitive that takes `&mut Context` may collect, and an `Object` would not survive that: take a `Root<'_>`",
            ));
        }
        if is_named(ty, rest_type) {
            if i + 1 != types.len() {
                return Err(Error::new_spanned(ty, "the rest of the arguments comes last"));
            }
            parameters.push(Parameter::Rest);
        } else if let Some(inner) = inner {
            parameters.push(Parameter::Optional(inner));
        } else if parameters.iter().any(|p| matches!(p, Parameter::Optional(_))) {
            return Err(Error::new_spanned(ty, "a required parameter follows an optional one"));
        } else {
            parameters.push(Parameter::Required(ty.clone()));
        }
    }
    Ok(parameters)
}

/// `fn wrapper(args: Args, cx: &mut Context)`: parameters are roots, or values that borrow nothing.
fn calling_wrapper(ident: &Ident, parameters: &[Parameter]) -> TokenStream {
    let arguments = parameters.iter().enumerate().map(|(i, parameter)| match parameter {
        Parameter::Rest => quote!(args.from(#i)),
        Parameter::Required(ty) if is_named(ty, "Root") => quote!(args.root(#i)),
        Parameter::Optional(ty) if is_named(ty, "Root") => {
            quote!({ let root = args.root(#i); if root.get(cx).is_nil() { None } else { Some(root) } })
        }
        Parameter::Required(ty) => {
            quote!(<#ty as ::tenure_vm::convert::FromLisp>::from_lisp(args.root(#i).get(cx), cx)?)
        }
        Parameter::Optional(ty) => quote!({
            let value = args.root(#i).get(cx);
            if value.is_nil() { None } else { Some(<#ty as ::tenure_vm::convert::FromLisp>::from_lisp(value, cx)?) }
        }),
    });
    let names: Vec<Ident> = (0..parameters.len()).map(|i| format_ident!("a{i}")).collect();
    quote! {
        fn wrapper(args: ::tenure_gc::Args<'_>, cx: &mut ::tenure_gc::Context) -> ::tenure_gc::CallResult {
            let _ = args;
            #(let #names = #arguments;)*
            #ident(#(#names,)* cx)
        }
    }
}

/// A wrapper of plain values, and the variant of `Subr` that it fits.
fn pure_wrapper(ident: &Ident, parameters: &[Parameter], takes_context: bool) -> (TokenStream, TokenStream) {
    let context = if takes_context { quote!(cx,) } else { quote!() };
    let many = parameters.len() > 4 || matches!(parameters.last(), Some(Parameter::Rest));
    let names: Vec<Ident> = (0..parameters.len()).map(|i| format_ident!("a{i}")).collect();
    let arguments = parameters.iter().enumerate().map(|(i, parameter)| {
        let name = &names[i];
        let value = if many { quote!(args.get(#i)) } else { quote!(#name) };
        match parameter {
            Parameter::Rest => quote!(args.from(#i)),
            Parameter::Required(_) => quote!(::tenure_vm::convert::FromLisp::from_lisp(#value, cx)?),
            Parameter::Optional(_) => quote!({
                let value = #value;
                if value.is_nil() { None } else { Some(::tenure_vm::convert::FromLisp::from_lisp(value, cx)?) }
            }),
        }
    });
    let call = quote!(::tenure_vm::convert::IntoLisp::into_lisp(#ident(#(#arguments,)* #context), cx));
    if many {
        let wrapper = quote! {
            fn wrapper<'ob>(args: ::tenure_gc::Slots<'ob>, cx: &'ob ::tenure_gc::Context) -> ::tenure_gc::LispResult<'ob> {
                #call
            }
        };
        return (wrapper, quote!(PureMany));
    }
    let variant = format_ident!("Pure{}", parameters.len());
    let wrapper = quote! {
        fn wrapper<'ob>(#(#names: ::tenure_gc::Object<'ob>,)* cx: &'ob ::tenure_gc::Context) -> ::tenure_gc::LispResult<'ob> {
            #call
        }
    };
    (wrapper, quote!(#variant))
}

/// The doc comment's lines, without their leading space.
fn doc_string(function: &ItemFn) -> String {
    let lines = function.attrs.iter().filter(|a| a.path().is_ident("doc")).filter_map(|a| match &a.meta {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(s), .. }) => {
                let line = s.value();
                Some(line.strip_prefix(' ').unwrap_or(&line).to_owned())
            }
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

pub(crate) fn expand_subrs(input: TokenStream) -> syn::Result<TokenStream> {
    let paths = Punctuated::<Path, Token![,]>::parse_terminated.parse2(input)?;
    let constants = paths.into_iter().map(|mut path| {
        if let Some(last) = path.segments.last_mut() {
            last.ident = constant_name(&last.ident);
        }
        path
    });
    Ok(quote!([#(#constants),*]))
}
